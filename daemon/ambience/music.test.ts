// biome-ignore-all lint/suspicious/noThenProperty: the word of the configuration

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attributes, Capabilities, DeviceId } from '../devices/device.ts';
import { parseMoment } from './daytime.ts';
import { SimulatedHouse } from './house.sim.ts';
import { scenesSchema, toScenes } from './scene.ts';

const ada = { kind: 'panel', name: 'ada' } as const;
const PLAYER: Capabilities = {
  ...{ volume: true, mute: true, transport: true, shuffle: true, group: true },
  favorite: {
    list: [
      { id: 'FV:2/1', name: 'Jazz', kind: 'favorite' },
      { id: 'SQ:1', name: 'Evening', kind: 'playlist' },
      { id: 'FV:2/2', name: 'Evening', kind: 'favorite' },
    ],
    addresses: true,
  },
};
const SCENES = toScenes(
  scenesSchema.parse({
    soothe: { music: { favorite: 'jazz', volume: 20, fade: 6 } },
    energise: { music: { playlist: 'Evening', shuffle: true, volume: 90 } },
    calm: { lights: { brightness: 40 } },
    cheer: { music: { favorite: 'Nobody knows it' } },
    stream: { music: { radio: 'http://radio.example/a.mp3' } },
    sleep: { speakers: { transport: 'paused' } },
  }),
);
const SILENT: Attributes = { volume: 35, mute: false, transport: 'stopped', group: 'sim:1' };

interface Setup {
  players?: Attributes[];
  /** Devices of the room `den`. */
  devices?: DeviceId[];
  others?: DeviceId[];
}

function houseWith({ players = [SILENT], devices, others = [] }: Setup = {}): SimulatedHouse {
  const house = new SimulatedHouse({ lamps: players, capabilities: PLAYER });
  const den = { id: 'den', name: 'Den', devices: devices ?? [...house.lamps.keys()], policies: [], defaultMode: 'auto' as const };
  house.arrange({ scenes: SCENES, rooms: [den, { id: 'hall', name: 'Hall', devices: others, policies: [] }] });
  return house;
}

const player = (house: SimulatedHouse, id: DeviceId = 'sim:1'): Attributes => house.lamps.get(id) ?? {};
const plays = (house: SimulatedHouse): unknown[] => house.commands.flatMap(({ attributes }) => attributes.favorite ?? []);

describe('music of a scene', () => {
  test('begins with its fade, and by name whatever its case', async () => {
    const house = houseWith();
    house.director.activateScene(ada, 'den', 'soothe');
    await house.pass(1);
    assert.deepEqual(player(house), { ...SILENT, transport: 'playing', favorite: 'FV:2/1', volume: 20 });
    assert.equal(house.commands[0]?.transition, 6);
  });

  test('a playlist is looked for among playlists first; a radio may be an address', async () => {
    const house = houseWith();
    house.director.activateScene(ada, 'den', 'energise');
    await house.pass(1);
    assert.deepEqual([player(house).favorite, player(house).shuffle], ['SQ:1', true]);
    house.director.activateScene(ada, 'den', 'stream');
    await house.pass(1);
    assert.equal(player(house).favorite, 'radio:http://radio.example/a.mp3');
  });

  test('asks for nothing where the player does not know what is asked for', async () => {
    const house = houseWith();
    house.director.activateScene(ada, 'den', 'cheer');
    await house.pass(1);
    assert.deepEqual(house.commands, []);
  });

  test('ends with the scene: the player is as silent and as loud as before, faded', async () => {
    const house = houseWith();
    house.director.activateScene(ada, 'den', 'soothe');
    await house.pass(10);
    house.director.activateScene(ada, 'den', null);
    await house.pass(10);
    assert.deepEqual([player(house).transport, player(house).volume], ['stopped', 35]);
    assert.ok((house.commands.at(-1)?.transition ?? 0) >= 3);
  });

  test('of the mood begins in a silent room, changes with the mood, and ends with a mood that has none', async () => {
    const house = houseWith();
    house.feel('tense');
    await house.pass(40);
    assert.deepEqual([player(house).transport, player(house).favorite], ['playing', 'FV:2/1']);
    house.feel('cheerful');
    await house.pass(60);
    assert.equal(player(house).favorite, 'SQ:1');
    house.feel('calm');
    await house.pass(60);
    assert.equal(player(house).transport, 'stopped');
  });

  test('of the mood is no louder than its cap, and in the quiet hours than theirs', async () => {
    const house = houseWith();
    const moment = (text: string) => parseMoment(text) ?? { minutes: 0 };
    const quietHours = { from: moment('13:00'), to: moment('14:00'), brightness: 30, volume: 12 };
    const den = { id: 'den', name: 'Den', devices: ['sim:1' as const], policies: [] };
    house.arrange({ scenes: SCENES, rooms: [den], limits: { volume: 55, quietHours, minBetween: 0, changesPerHour: 3600, ramp: 0 } });
    house.feel('cheerful');
    await house.pass(60);
    assert.equal(player(house).volume, 55);
    await house.pass(3600);
    assert.equal(player(house).volume, 12);
  });
});

describe('music of others', () => {
  test('a pause is a hand: the mood begins nothing, not after hours either, until somebody says so', async () => {
    const house = houseWith();
    house.feel('tense');
    await house.pass(40);
    house.hand({ transport: 'paused' });
    await house.pass(5 * 3600);
    assert.equal(player(house).transport, 'paused');
    const before = plays(house).length;
    house.feel('cheerful');
    await house.pass(60);
    assert.equal(player(house).transport, 'paused');
    assert.equal(plays(house).length, before, 'nothing else is loaded either');
    assert.ok(house.director.why('sim:1').favorite?.some(({ reason }) => reason.code === 'reason.silent'));
    house.director.resume(ada, 'den');
    await house.pass(30);
    assert.deepEqual([player(house).transport, player(house).favorite], ['playing', 'SQ:1']);
  });

  test('a pause on the panel counts as much', async () => {
    const house = houseWith();
    house.feel('tense');
    await house.pass(40);
    house.director.setDevice(ada, 'sim:1', { transport: 'paused' });
    await house.pass(3 * 3600);
    assert.equal(player(house).transport, 'paused');
  });

  test('a group that is heard in other rooms is left alone, by schedule and mood', async () => {
    const shared = { ...SILENT, transport: 'playing', favorite: 'FV:2/2', group: 'sim:1' } as const;
    const house = houseWith({ players: [shared, shared], devices: ['sim:1'], others: ['sim:2'] });
    house.feel('tense');
    await house.pass(60);
    assert.deepEqual(plays(house), []);
    assert.equal(player(house).transport, 'playing');
    assert.ok(house.director.why('sim:1').transport?.some(({ reason }) => reason.code === 'reason.company'));
    house.director.activateScene(ada, 'den', 'soothe');
    await house.pass(10);
    assert.equal(player(house).favorite, 'FV:2/1', 'a person may');
  });

  test('a group in the room that plays what a person chose is left alone; one that is silent is not', async () => {
    const playing = { ...SILENT, transport: 'playing', favorite: 'FV:2/2' } as const;
    const house = houseWith({ players: [playing, playing] });
    house.feel('tense');
    await house.pass(60);
    assert.deepEqual(plays(house), []);
    const silent = houseWith({ players: [SILENT, SILENT] });
    silent.feel('tense');
    await silent.pass(60);
    assert.deepEqual([player(silent).favorite, player(silent, 'sim:2').favorite], ['FV:2/1', 'FV:2/1']);
    silent.feel('cheerful');
    await silent.pass(60);
    assert.equal(player(silent).favorite, 'SQ:1', 'what a scene began another may change');
  });

  test('music that came to its end is no hand, and is begun anew by the scene after a while, not by who had started it by hand', async () => {
    const house = houseWith();
    house.director.activateScene(ada, 'den', 'soothe');
    await house.pass(30);
    const end = (): void => {
      const at = house.clock.mono();
      house.lamps.set('sim:1', { ...player(house), transport: 'stopped' });
      const ended = { device: 'sim:1', attribute: 'transport', value: 'stopped', at, transitional: false } as const;
      house.director.onReport({ ...ended, origin: 'device', kind: 'event' });
    };
    end();
    await house.pass(30);
    assert.equal(player(house).transport, 'stopped');
    assert.deepEqual(house.director.holds('sim:1'), {});
    await house.pass(60);
    assert.equal(player(house).transport, 'playing');
    house.director.resume(ada, 'den');
    await house.pass(30);
    house.director.setDevice(ada, 'sim:1', { favorite: 'SQ:1', transport: 'playing' });
    await house.pass(30);
    end();
    await house.pass(200);
    assert.equal(player(house).transport, 'stopped');
  });
});
