import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseItems, parsePlaying } from './didl.ts';
import { parseLastChange, parseProperties } from './events.ts';
import { favoriteOf, sourceFor } from './library.ts';
import { locationOf, sonosOptions } from './options.ts';
import { at, escapeXml, parseXml, textAt } from './xml.ts';
import { parseTopology } from './zones.ts';

describe('XML', () => {
  it('gives back what was escaped, once', () => {
    const printable = fc.string({ unit: fc.constantFrom(...'aä <>&"\'#;/'), minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(printable, (text) => {
        assert.equal(textAt(parseXml(`<a><b>${escapeXml(text)}</b></a>`), 'a', 'b'), text);
        assert.equal(textAt(parseXml(`<a b="${escapeXml(text)}"/>`), 'a', 'b'), text);
      }),
    );
  });

  it('is not found in what is none', () => {
    for (const text of ['', 'garbage', '<<garbage', '{}']) assert.throws(() => parseXml(text));
    assert.equal(at('text', 'a'), undefined);
  });

  it('does not expand what would fill the memory', () => {
    const entities = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};&e${i};">`).join('');
    const bomb = `<!DOCTYPE a [<!ENTITY e0 "ha">${entities}]><a>&e30;</a>`;
    const parsed = (() => {
      try {
        return textAt(parseXml(bomb), 'a');
      } catch {
        return '';
      }
    })();
    assert.ok(parsed.length < 1000);
  });
});

const member = (id: string, more = '') =>
  `<ZoneGroupMember UUID="${id}" Location="http://10.0.0.1:1400/xml/device_description.xml" ZoneName="Küche" ${more}/>`;

describe('a topology', () => {
  const groups = [
    '<ZoneGroups>',
    `<ZoneGroup Coordinator="A" ID="A:1">${member('A')}${member('B', 'Invisible="1" ChannelMapSet="A:LF,LF;B:RF,RF"')}${member('C')}</ZoneGroup>`,
    `<ZoneGroup Coordinator="D" ID="D:1"><ZoneGroupMember UUID="D" Location="http://10.0.0.4:1400/x.xml" ZoneName="TV"><Satellite UUID="E" Invisible="1"/></ZoneGroupMember></ZoneGroup>`,
    `<ZoneGroup Coordinator="F" ID="F:1">${member('F', 'IsZoneBridge="1"')}</ZoneGroup>`,
    '</ZoneGroups>',
  ].join('');

  it('shows rooms: stereo pairs, satellites and bridges are behind them', () => {
    const vanished = '<VanishedDevices><Device UUID="G" ZoneName="Bad" Reason="powered off"/></VanishedDevices>';
    const topology = parseTopology(`<ZoneGroupState>${groups}${vanished}</ZoneGroupState>`);
    const shown = topology.zones.map(({ id, name, leader }) => [id, name, leader]);
    assert.deepEqual(shown, [
      ['A', 'Küche', 'A'],
      ['C', 'Küche', 'A'],
      ['D', 'TV', 'D'],
    ]);
    assert.deepEqual([topology.hidden, topology.vanished], [['B', 'F', 'E'], ['G']]);
  });

  it('is read in its older form too, as S1 has it', () => {
    assert.equal(parseTopology(groups).zones.length, 3);
    assert.throws(() => parseTopology('<Something/>'));
  });
});

describe('events', () => {
  it('tell the whole player, not its channels', () => {
    const change = [
      '<Event xmlns="urn:schemas-upnp-org:metadata-1-0/RCS/"><InstanceID val="0">',
      '<Volume channel="Master" val="20"/><Volume channel="LF" val="100"/><Mute channel="Master" val="0"/><Bass val="3"/>',
      '</InstanceID></Event>',
    ].join('');
    const body = `<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0"><e:property><LastChange>${escapeXml(change)}</LastChange></e:property></e:propertyset>`;
    const variables = parseLastChange(parseProperties(body).get('LastChange') ?? '');
    assert.deepEqual(
      [...variables],
      [
        ['Volume', '20'],
        ['Mute', '0'],
        ['Bass', '3'],
      ],
    );
    assert.throws(() => parseProperties('<a/>'));
  });
});

describe('favorites', () => {
  const metadata =
    '<DIDL-Lite><item id="x"><dc:title>Piano</dc:title><upnp:class>object.container.playlistContainer</upnp:class></item></DIDL-Lite>';
  const didl = [
    '<DIDL-Lite>',
    '<item id="FV:2/1"><dc:title>Jazz</dc:title><res protocolInfo="x">x-sonosapi-stream:s1?sid=254&amp;sn=0</res><r:resMD/></item>',
    `<item id="FV:2/2"><dc:title>Piano</dc:title><res>x-rincon-cpcontainer:1006206c</res><r:resMD>${escapeXml(metadata)}</r:resMD></item>`,
    '<item id="FV:2/3"><dc:title>A link to an app</dc:title></item>',
    '</DIDL-Lite>',
  ].join('');
  const library = parseItems(didl, 'favorite');

  it('are those that can be played; a container goes into the queue', () => {
    assert.deepEqual(
      library.map(({ id, title, uri, isList }) => [id, title, uri, isList]),
      [
        ['FV:2/1', 'Jazz', 'x-sonosapi-stream:s1?sid=254&sn=0', false],
        ['FV:2/2', 'Piano', 'x-rincon-cpcontainer:1006206c', true],
      ],
    );
    assert.equal(library[1]?.metadata, metadata);
  });

  it('are told by what plays, addresses as they are, a radio as one', () => {
    assert.equal(favoriteOf({ uri: 'x-sonosapi-stream:s1?sid=254&sn=0' }, { library, isSonos: true }), 'FV:2/1');
    assert.equal(
      favoriteOf({ uri: 'x-rincon-queue:A#0', enqueued: 'x-rincon-cpcontainer:1006206c' }, { library, isSonos: true }),
      'FV:2/2',
    );
    assert.equal(favoriteOf({ uri: '' }, { library, isSonos: true }), undefined);
    const radio = 'radio:http://radio.example/a.mp3';
    const source = sourceFor(radio, { library, isSonos: true });
    assert.equal(source?.uri, 'x-rincon-mp3radio://radio.example/a.mp3');
    assert.equal(favoriteOf({ uri: source?.uri }, { library, isSonos: true }), radio);
    assert.equal(sourceFor(radio, { library, isSonos: false })?.uri, 'http://radio.example/a.mp3');
    const encrypted = 'radio:https://radio.example/a.mp3';
    const safe = sourceFor(encrypted, { library, isSonos: true });
    assert.equal(safe?.uri, 'x-rincon-mp3radio://radio.example/a.mp3');
    assert.equal(favoriteOf({ uri: safe?.uri }, { library, isSonos: true, asked: encrypted }), encrypted);
    assert.equal(sourceFor(encrypted, { library, isSonos: false })?.uri, 'https://radio.example/a.mp3');
    assert.ok(sourceFor('http://music.example/100%.mp3', { library, isSonos: true }));
    assert.equal(sourceFor('no such thing', { library, isSonos: true }), undefined);
  });

  it('a station says what it plays in one line', () => {
    const item =
      '<DIDL-Lite><item><dc:title>stream.mp3</dc:title><r:streamContent>Chet Baker - Almost Blue</r:streamContent></item></DIDL-Lite>';
    assert.deepEqual(parsePlaying(item), { title: 'Chet Baker - Almost Blue' });
    assert.equal(parsePlaying('not XML'), undefined);
  });
});

describe('addresses', () => {
  it('of Sonos players get port and path, other players are named by URL', () => {
    assert.equal(locationOf('192.168.1.30'), 'http://192.168.1.30:1400/xml/device_description.xml');
    assert.equal(locationOf('[fd00::3]'), 'http://[fd00::3]:1400/xml/device_description.xml');
    assert.equal(locationOf('kitchen.lan:1234'), 'http://kitchen.lan:1234/xml/device_description.xml');
    assert.equal(locationOf('http://10.0.0.9:49494/description.xml'), 'http://10.0.0.9:49494/description.xml');
    for (const host of ['192.168.1.30/x', 'https://10.0.0.9/x', 'a b', 'http://']) {
      assert.equal(sonosOptions.safeParse({ players: [{ host }] }).success, false, host);
    }
  });
});
