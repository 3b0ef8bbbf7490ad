import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../daemon/api/clock.fake.ts';
import { ApiError, NO_ANSWER } from '../api/client.ts';
import { PATIENCE, WhipSession } from './whip.ts';

const URL = '/api/sources/tablet/whip';

/** Stands where the browser's RTCPeerConnection would. */
class Connection extends EventTarget {
  connectionState = 'new';
  iceGatheringState = 'new';
  localDescription: { sdp: string } | null = null;
  answer = '';
  readonly encodings: Record<string, unknown> = {};
  readonly transport = Object.assign(new EventTarget(), { state: 'connected' });

  addTransceiver({ kind }: { kind: string }, { direction, sendEncodings }: RTCRtpTransceiverInit): void {
    assert.equal(direction, 'sendonly');
    this.encodings[kind] = sendEncodings;
  }

  getSenders() {
    return [{ transport: this.transport }];
  }

  async createOffer() {
    return { type: 'offer', sdp: 'an offer' };
  }

  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
  }

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.answer = sdp;
  }

  close(): void {
    this.connectionState = 'closed';
  }

  gathered(): void {
    this.iceGatheringState = 'complete';
    this.dispatchEvent(new Event('icegatheringstatechange'));
  }

  become(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

interface Sent {
  method: string | undefined;
  url: string;
  headers: Headers;
  body: unknown;
  keepalive: boolean | undefined;
}

const accepted = (): Response =>
  new Response('an answer', { status: 201, headers: { 'content-type': 'application/sdp', location: `${URL}/one` } });

function setUp(answer: () => Response | Promise<Response> = accepted, left = new Set<string>()) {
  const clock = new FakeClock();
  const connection = new Connection();
  const sent: Sent[] = [];
  const network = { cut: false };
  let lost = 0;
  const session = new WhipSession({
    clock,
    url: URL,
    token: 'rt_0123456789',
    left,
    async fetch(url, init) {
      const { method, body, keepalive } = init ?? {};
      sent.push({ method, url: String(url), headers: new Headers(init?.headers), body, keepalive });
      if (network.cut) throw new TypeError('fetch failed');
      return method === 'DELETE' ? new Response(null, { status: 200 }) : await answer();
    },
    connect: () => connection as unknown as RTCPeerConnection,
    onLost: () => lost++,
  });
  const stream = { getTracks: () => [{ kind: 'audio' }, { kind: 'video' }] } as unknown as MediaStream;
  const publish = (takeOver = false) => session.publish(stream, { takeOver });
  /** On air. */
  const live = async () => {
    const published = publish();
    connection.gathered();
    await clock.advanceAsync(0);
    connection.become('connected');
    await published;
  };
  return { clock, connection, network, sent, session, publish, live, lost: () => lost };
}

const coded = (code: string) => (error: unknown) => error instanceof ApiError && error.code === code;

test('it offers once its candidates are known, says who it is, and is there once media can flow', async () => {
  const { clock, connection, sent, session, publish } = setUp();
  let isThere = false;
  const published = publish(true).then(() => {
    isThere = true;
  });
  await clock.advanceAsync(0);
  assert.equal(sent.length, 0);
  connection.gathered();
  await clock.advanceAsync(0);
  const [offer] = sent;
  assert.deepEqual([offer?.method, offer?.url, offer?.body], ['POST', `${URL}?takeOver=true`, 'an offer']);
  assert.deepEqual([offer?.headers.get('authorization'), offer?.headers.get('content-type')], ['Bearer rt_0123456789', 'application/sdp']);
  assert.deepEqual([connection.answer, isThere], ['an answer', false]);
  connection.become('connected');
  await published;
  assert.deepEqual(connection.encodings.audio, []);
  session.close();
  assert.deepEqual([sent[1]?.method, sent[1]?.url, sent[1]?.keepalive], ['DELETE', `${URL}/one`, true]);
  session.close();
  assert.deepEqual([sent.length, clock.pending], [2, 0]);
});

test('candidates that take long in coming are not waited for', async () => {
  const { clock, sent, session, publish } = setUp();
  const published = publish();
  published.catch(() => {});
  await clock.advanceAsync(PATIENCE.gather);
  assert.equal(sent.length, 1);
  session.close();
  await assert.rejects(published, { name: 'AbortError' });
});

test('a refusal keeps its code; an answer that never came has one of its own', async () => {
  const busy = { error: { code: 'phone.busy', message: '', params: { holder: 'OBS' } } };
  const refused = setUp(() => Response.json(busy, { status: 409 }));
  refused.connection.gathered();
  await assert.rejects(refused.publish(), coded('phone.busy'));
  const cut = setUp(() => Promise.reject(new TypeError('fetch failed')));
  cut.connection.gathered();
  await assert.rejects(cut.publish(), coded(NO_ANSWER));
  cut.session.close();
  assert.equal(cut.sent.length, 1, 'there is no session to delete');
});

test('a connection that fails, or does not come about in time, is none', async () => {
  const failing = setUp();
  const failed = assert.rejects(failing.publish(), coded('panel.no_connection'));
  failing.connection.gathered();
  await failing.clock.advanceAsync(0);
  failing.connection.become('failed');
  await failed;
  const slow = setUp();
  const late = assert.rejects(slow.publish(), coded('panel.no_connection'));
  slow.connection.gathered();
  await slow.clock.advanceAsync(PATIENCE.connect);
  await late;
});

test('closed while the answer is on its way, it ends the session as soon as it knows which', async () => {
  const answer = Promise.withResolvers<Response>();
  const { clock, connection, sent, session, publish } = setUp(() => answer.promise);
  connection.gathered();
  const published = assert.rejects(publish(), { name: 'AbortError' });
  await clock.advanceAsync(0);
  session.close();
  assert.equal(sent.length, 1);
  answer.resolve(accepted());
  await published;
  assert.deepEqual([sent[1]?.method, sent[1]?.url, connection.answer], ['DELETE', `${URL}/one`, '']);
});

test('an end that the hub did not hear of is told again before the next offer', async () => {
  const left = new Set<string>();
  const first = setUp(accepted, left);
  await first.live();
  first.network.cut = true;
  first.session.close();
  const second = setUp(accepted, left);
  second.network.cut = true;
  second.connection.gathered();
  await assert.rejects(second.publish(), coded(NO_ANSWER));
  second.session.close();
  const third = setUp(accepted, left);
  await third.live();
  const methods = (sent: Sent[]) => sent.map(({ method, url }) => `${method} ${url}`);
  assert.deepEqual(methods(second.sent), [`DELETE ${URL}/one`, `DELETE ${URL}/one`]);
  assert.deepEqual(methods(third.sent), [`DELETE ${URL}/one`, `POST ${URL}`]);
  assert.equal(left.size, 0);
});

test('a break that passes is none; one that lasts, or is final, is told', async () => {
  const { clock, connection, live, lost } = setUp();
  await live();
  connection.become('disconnected');
  await clock.advanceAsync(PATIENCE.disconnected - 1);
  connection.become('connected');
  await clock.advanceAsync(PATIENCE.disconnected);
  assert.equal(lost(), 0);
  connection.become('disconnected');
  await clock.advanceAsync(PATIENCE.disconnected);
  assert.equal(lost(), 1);
  connection.become('failed');
  assert.equal(lost(), 2);
});

test('a hub that hangs up is noticed at once; what this device ends itself is no loss', async () => {
  const hungUp = setUp();
  await hungUp.live();
  hungUp.connection.transport.state = 'closed';
  hungUp.connection.transport.dispatchEvent(new Event('statechange'));
  assert.equal(hungUp.lost(), 1);
  const own = setUp();
  await own.live();
  own.connection.become('disconnected');
  own.session.close();
  own.connection.become('closed');
  await own.clock.advanceAsync(PATIENCE.disconnected);
  assert.deepEqual([own.lost(), own.clock.pending], [0, 0]);
});
