import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RoomtoneError } from '../../../api/errors.ts';
import { acceptableOffer, fragmentOf, parseFragment, restartedOffer, takesMedia, tellableAnswer, ufragOf } from './sdp.ts';

const FINGERPRINT = `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`;
const section = (kind: string, mid: string, ...lines: string[]): string[] => [
  `m=${kind} 9 UDP/TLS/RTP/SAVPF 96`,
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789012345678901',
  FINGERPRINT,
  'a=setup:actpass',
  `a=mid:${mid}`,
  'a=sendonly',
  ...lines,
];
const offer = (...sections: string[][]): string =>
  [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${sections.map((_, mid) => mid).join(' ')}`,
    ...sections.flat(),
    '',
  ].join('\r\n');

const HOST = 'a=candidate:1 1 udp 2122262783 192.168.1.7 50123 typ host generation 0';
const OUTSIDE = [
  'a=candidate:2 1 udp 1685987071 203.0.113.5 50123 typ srflx raddr 192.168.1.7 rport 50123',
  'a=candidate:3 1 udp 2122262783 0b2f1c.local 50123 typ host generation 0',
  'a=candidate:4 1 tcp 1518280447 192.168.1.7 9 typ host tcptype active',
  'a=candidate:5 1 udp 41885439 198.51.100.9 3478 typ relay raddr 0.0.0.0 rport 0',
];

const code = (act: () => unknown): string | null => {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof RoomtoneError ? error.code : String(error);
  }
};

describe('an offer', () => {
  it('of one camera and one microphone is taken, with either line end', () => {
    const both = offer(section('audio', '0'), section('video', '1'));
    assert.equal(acceptableOffer(both), both);
    assert.equal(acceptableOffer(both.replaceAll('\r\n', '\n')), both);
  });

  it('loses candidates that lead out of the house or are names, and the rotation of pictures', () => {
    const extension = 'a=extmap:4 urn:3gpp:video-orientation';
    const cleaned = acceptableOffer(offer(section('video', '0', extension, HOST, ...OUTSIDE)));
    assert.equal(cleaned, offer(section('video', '0', HOST)));
  });

  it('may name candidates without end: a few dozen are looked at', () => {
    const cleaned = acceptableOffer(offer(section('video', '0', ...Array<string>(1000).fill(HOST))));
    assert.equal(cleaned.split(HOST).length - 1, 32);
  });

  it('that is none is bad', () => {
    for (const text of ['', 'hello', '{}', 'v=0\r\n', 'm=video 9 RTP/AVP 96\r\n'])
      assert.equal(
        code(() => acceptableOffer(text)),
        'phone.bad_offer',
        text,
      );
  });

  it('of anything else cannot be used', () => {
    const bare = section('video', '0');
    const without = (start: string): string[] => bare.filter((line) => !line.startsWith(start));
    const unusable = {
      data: offer(section('application', '0')),
      'two cameras': offer(section('video', '0'), section('video', '1')),
      'a receiver': offer(bare.map((line) => (line === 'a=sendonly' ? 'a=recvonly' : line))),
      'no fingerprint': offer(without('a=fingerprint')),
      'no ICE': offer(without('a=ice-')),
      'no mid': offer(without('a=mid')),
      'no bundle': offer(section('audio', '0'), section('video', '1')).replace(/a=group.*\r\n/, ''),
    };
    for (const [what, text] of Object.entries(unusable))
      assert.equal(
        code(() => acceptableOffer(text)),
        'phone.unusable_offer',
        what,
      );
  });

  it('of any text at all is taken or refused by a code', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('v=0', 'm=video 9 x 96', 'm=', 'a=mid:', 'a=candidate:', HOST, FINGERPRINT, 'a=group:BUNDLE'),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        assert.match(code(() => acceptableOffer(lines.join('\r\n'))) ?? 'phone.', /^phone\./);
        assert.match(code(() => parseFragment(lines.join('\r\n'))) ?? 'phone.', /^phone\./);
      }),
    );
  });
});

describe('an answer', () => {
  const answer = offer(
    section('video', '0', HOST, HOST.replace('192.168.1.7', '10.0.0.7')).map((line) => line.replace('sendonly', 'recvonly')),
  );

  it('tells the addresses that may be told', () => {
    assert.equal(tellableAnswer(answer, null), answer);
    const told = tellableAnswer(answer, new Set(['10.0.0.7']));
    assert.ok(!told.includes('192.168.1.7') && told.includes('10.0.0.7'));
  });

  it('takes media or does not', () => {
    assert.equal(takesMedia(answer), true);
    assert.equal(takesMedia(answer.replace('recvonly', 'inactive')), false);
  });

  it('becomes the fragment that tells of its ICE session', () => {
    const fragment = fragmentOf(answer);
    assert.deepEqual(
      parseFragment(fragment).candidates.map(({ mid }) => mid),
      ['0', '0'],
    );
    assert.match(fragment, /^a=ice-ufrag:abcd\r\na=ice-pwd:.*\r\nm=video/);
    assert.doesNotMatch(fragment, /fingerprint|setup/);
  });
});

describe('a fragment', () => {
  const FRAGMENT = [
    'a=ice-ufrag:wxyz',
    'a=ice-pwd:fresh',
    'm=audio 9 RTP/AVP 0',
    'a=mid:0',
    HOST,
    ...OUTSIDE,
    'a=end-of-candidates',
    '',
  ].join('\r\n');

  it('brings the candidates that are ours to use', () => {
    assert.deepEqual(parseFragment(FRAGMENT), { ufrag: 'wxyz', pwd: 'fresh', candidates: [{ mid: '0', candidate: HOST.slice(2) }] });
  });

  it('makes the offer anew for another ICE session', () => {
    const before = offer(section('audio', '0', HOST.replace('.7', '.6')), section('video', '1'));
    const restarted = restartedOffer(before, parseFragment(FRAGMENT));
    assert.equal(ufragOf(restarted), 'wxyz');
    assert.equal(acceptableOffer(restarted), restarted);
    assert.equal(restarted.split('a=ice-pwd:fresh').length, 3);
    assert.ok(restarted.includes(HOST) && !restarted.includes('192.168.1.6'));
  });

  it('without credentials, or with other lines, is bad', () => {
    for (const text of ['', 'a=mid:0\r\n', `${FRAGMENT}v=0\r\n`])
      assert.equal(
        code(() => parseFragment(text)),
        'phone.bad_fragment',
      );
  });
});
