import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../daemon/api/clock.fake.ts';
import { type Random, seededRandom } from '../hue/random.ts';
import type { PlayMode } from './household/play-modes.ts';
import { arrange, type Incident, type MusicKind, randomIncident, randomRooms, unaccounted } from './scenario.ts';
import { SonosSimulator } from './simulator.ts';
import { differences, type RoomState } from './state.ts';

interface Arranged {
  sonos: SonosSimulator;
  clock: FakeClock;
  random: Random;
  kinds: MusicKind[];
}

/** Nobody listens here: nothing is started, and nothing has to be closed. */
function arranged(seed: number): Arranged {
  const random = seededRandom(seed);
  const clock = new FakeClock();
  const sonos = new SonosSimulator({ rooms: randomRooms(random), clock, seed, transition: [200, 200] });
  return { sonos, clock, random, kinds: arrange(sonos, random, (ms) => clock.advance(ms)) };
}

test('a seed is a household, and a thousand of them have everything in them', () => {
  const kinds = new Set<MusicKind>();
  const states = new Set<string | undefined>();
  const sizes = new Set<number>();
  for (let seed = 0; seed < 1000; seed += 1) {
    const one = arranged(seed);
    for (const kind of one.kinds) kinds.add(kind);
    for (const { music, members } of one.sonos.snapshot()) {
      states.add(music?.state);
      sizes.add(members.length);
    }
    if (seed % 100 === 0) assert.deepEqual(arranged(seed).sonos.snapshot(), one.sonos.snapshot());
  }
  assert.deepEqual([...kinds].sort(), ['file', 'nothing', 'queue', 'station', 'tv']);
  assert.deepEqual([...states].sort(), ['PAUSED_PLAYBACK', 'PLAYING', 'STOPPED', undefined]);
  assert.deepEqual([...sizes].sort(), [0, 1, 2, 3, 4, 5], 'rooms in a group, 0 for those that follow');
});

test('a household that is left alone is the same a second later', () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const { sonos, clock } = arranged(seed);
    const before = sonos.snapshot();
    clock.advance(1000);
    const moved = differences(before, sonos.snapshot()).filter((line) => !/music\.(track|trackUri|position|state)/.test(line));
    assert.deepEqual(moved, [], 'only a track may have ended meanwhile');
  }
});

const chime = 'http://127.0.0.1/chime.mp3';

/** Everyone in one group, as before a word to the whole house: members move first, so that no new coordinator loses its queue. */
function gather(sonos: SonosSimulator): void {
  const [first, ...others] = sonos.rooms;
  assert.ok(first);
  if (first.coordinator !== first.name) sonos.app.ungroup(first.name);
  for (const isLeader of [false, true]) {
    for (const { name } of others) {
      const { coordinator } = sonos.room(name);
      if (coordinator !== first.name && (coordinator === name) === isLeader) sonos.app.group(name, first.name);
    }
  }
}

/** Puts everything back as it was, with nothing but what a person could do. */
function putBack(sonos: SonosSimulator, before: readonly RoomState[], advance: (ms: number) => void): void {
  for (const { room } of before.slice(1)) sonos.app.ungroup(room);
  for (const { room, coordinator } of before) if (room !== coordinator) sonos.app.group(room, coordinator);
  for (const { room, music, queue } of before) {
    if (!music) continue;
    sonos.app.choose(room, music.uri, music.metadata);
    if (music.uri.startsWith('x-rincon-queue:') && queue.length > 0) {
      sonos.app.seekTrack(room, music.track);
      sonos.app.setPlayMode(room, music.playMode as PlayMode);
    }
    if (music.trackUri !== '') sonos.app.seek(room, music.position);
    if (music.state === 'PLAYING') sonos.app.play(room);
  }
  advance(200);
}

test('whatever a household was doing, it can be gathered for a word to everyone and put back', () => {
  for (let seed = 0; seed < 500; seed += 1) {
    const { sonos, clock } = arranged(seed);
    const before = sonos.snapshot();
    const [first] = sonos.rooms;
    gather(sonos);
    assert.equal(sonos.room(first?.name ?? '').group.length, before.length);
    sonos.app.playUri(first?.name ?? '', chime);
    clock.advance(3000);
    putBack(sonos, before, (ms) => clock.advance(ms));
    assert.deepEqual(differences(before, sonos.snapshot()), [], `seed ${seed}`);
  }
});

test('whatever changes in a room is a difference', () => {
  const changes: ((sonos: SonosSimulator) => void)[] = [
    ({ app }) => app.setVolume('Kitchen', 99),
    ({ app }) => app.mute('Kitchen'),
    ({ app }) => app.pause('Kitchen'),
    ({ app }) => app.stop('Kitchen'),
    ({ app }) => app.next('Kitchen'),
    ({ app }) => app.seek('Kitchen', 100),
    ({ app }) => app.setPlayMode('Kitchen', 'SHUFFLE'),
    ({ app }) => app.setCrossfade('Kitchen', true),
    ({ app }) => app.fillQueue('Bedroom', ['http://127.0.0.1/a.mp3']),
    ({ app }) => app.playFavorite('Bedroom', 'Jazz <24/7>'),
    ({ app }) => app.group('Bedroom', 'Kitchen'),
    ({ app }) => app.ungroup('Office'),
    ({ app }) => app.delegate('Kitchen', 'Office'),
  ];
  for (const change of changes) {
    const clock = new FakeClock();
    const sonos = new SonosSimulator({ clock, transition: [0, 0] });
    sonos.app.playPlaylist('Kitchen', 'Quiet Evening');
    sonos.app.group('Office', 'Kitchen');
    const before = sonos.snapshot();
    assert.deepEqual(differences(before, sonos.snapshot()), []);
    change(sonos);
    assert.notDeepEqual(differences(before, sonos.snapshot()), [], String(change));
  }
});

test('the position of a stream is no difference, that of a track is one beyond the tolerance', () => {
  const clock = new FakeClock();
  const sonos = new SonosSimulator({ clock, transition: [0, 0] });
  sonos.app.playFavorite('Kitchen', 'Jazz <24/7>');
  sonos.app.playPlaylist('Office', 'Quiet Evening');
  const before: RoomState[] = sonos.snapshot();
  clock.advance(2000);
  assert.deepEqual(differences(before, sonos.snapshot()), []);
  clock.advance(1000);
  assert.deepEqual(differences(before, sonos.snapshot()), ['Office music.position: 0 -> 3']);
});

test('what people do in between accounts for what it changes, and for nothing else', () => {
  for (let seed = 0; seed < 500; seed += 1) {
    const { sonos, random } = arranged(seed);
    const incidents: Incident[] = [];
    const before = sonos.snapshot();
    for (let count = 0; count < 3; count += 1) {
      const incident = randomIncident(sonos, random);
      incidents.push(incident);
      incident.happen();
    }
    const changes = differences(before, sonos.snapshot());
    assert.deepEqual(unaccounted(changes, incidents), [], incidents.map(({ what }) => what).join('; '));
  }
  const volume: Incident = { what: '', touches: { rooms: ['Hall'], fields: /^volume/ }, happen: () => {} };
  const lines = ['Hall volume: 1 -> 2', 'Hall muted: false -> true', 'Bath volume: 1 -> 2'];
  assert.deepEqual(unaccounted(lines, [volume]), lines.slice(1));
});
