import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../../../daemon/api/clock.fake.ts';
import { type Span, seededRandom } from '../../hue/random.ts';
import { UpnpFault } from '../wire/soap.ts';
import { furnish } from './furnish.ts';
import { Household } from './household.ts';
import { Catalog } from './media.ts';

const names = ['A', 'B', 'C', 'D', 'E'];

function house(): Household {
  const catalog = new Catalog({ favorites: [], playlists: [], stations: [], tracks: [] });
  const rooms = names.map((name) => ({ name, pair: name === 'B' }));
  const common = {
    generation: 2,
    clock: new FakeClock(),
    random: seededRandom(1),
    catalog,
    transition: (): Span => [0, 0],
    onChange: () => {},
  } as const;
  return new Household({ players: furnish(rooms, common), id: 'Sonos_test' });
}

const room = fc.integer({ min: 0, max: names.length - 1 });
const move = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), who: room, whom: room }),
  fc.record({ kind: fc.constant('leave' as const), who: room, whom: room }),
  fc.record({ kind: fc.constant('delegate' as const), who: room, whom: room }),
  fc.record({ kind: fc.constant('vanish' as const), who: room, whom: room }),
  fc.record({ kind: fc.constant('comeBack' as const), who: room, whom: room }),
  fc.record({ kind: fc.constant('play' as const), who: room, whom: room }),
);
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

function apply(household: Household, { kind, who, whom }: Move): void {
  const visible = household.players.filter(({ isVisible }) => isVisible);
  const [player, other] = [visible[who], visible[whom]];
  assert.ok(player && other);
  const group = household.groupOf(player);
  const gone = household.vanished.some((one) => one.player === player);
  if (kind === 'comeBack' && gone) household.comeBack(player);
  if (gone || !group) return;
  if (kind === 'join') household.join(player, other.uuid);
  if (kind === 'leave') household.leave(player);
  if (kind === 'delegate') household.delegate(group, { to: other, rejoin: who % 2 === 0 });
  if (kind === 'vanish') household.vanish(player, 'powered off');
  if (kind === 'play' && household.leads(player)) {
    player.transport.set({ uri: `http://127.0.0.1/${who}.mp3`, metadata: '' });
    player.transport.play();
  }
}

test('whatever is moved, every player that is there is in one group, led by one of its own, and follows it', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      const household = house();
      for (const one of moves) {
        try {
          apply(household, one);
        } catch (error) {
          assert.ok(error instanceof UpnpFault, String(error));
        }
        const members = household.groups.flatMap((group) => group.members);
        const gone = household.vanished.map(({ player }) => player);
        assert.deepEqual(new Set([...members, ...gone]), new Set(household.players.filter(({ isVisible }) => isVisible)));
        assert.equal(members.length + gone.length, names.length);
        assert.equal(new Set(household.groups.map(({ id }) => id)).size, household.groups.length);
        for (const { coordinator, members: inGroup, id } of household.groups) {
          assert.equal(inGroup[0], coordinator);
          assert.ok(id.startsWith(`${coordinator.uuid}:`));
          for (const member of inGroup.slice(1)) assert.equal(member.transport.content.uri, `x-rincon:${coordinator.uuid}`);
        }
      }
    }),
  );
});

test('who leaves takes no music along, and the rest hear theirs go on', () => {
  const household = house();
  const [a, b, c] = household.players.filter(({ isVisible }) => isVisible);
  assert.ok(a && b && c);
  a.transport.set({ uri: 'http://127.0.0.1/song.mp3', metadata: '' });
  a.transport.play();
  household.join(b, a.uuid);
  household.join(c, a.uuid);
  assert.equal(household.leave(b), undefined);
  assert.deepEqual([a.transport.state, b.transport.state], ['PLAYING', 'STOPPED']);
  assert.equal(household.leave(a), c);
  assert.deepEqual([a.transport.state, c.transport.state], ['STOPPED', 'PLAYING']);
  assert.equal(c.transport.content.uri, 'http://127.0.0.1/song.mp3');
});
