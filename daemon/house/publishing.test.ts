import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { FakeClock } from '../api/clock.fake.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { Publisher } from '../api/publishing.ts';
import type { Signal } from '../senses/protocol.ts';
import type { SensesEvents } from '../senses/supervisor.ts';
import { Publishing, type PublishingOptions } from './publishing.ts';

const TABLET: Publisher = { via: 'token', name: 'Old tablet', credential: 't1', source: 'tablet' };
const PHONE: Publisher = { via: 'token', name: "Ada's phone", credential: 't2', source: 'tablet' };
const ADMIN: Publisher = { via: 'session', name: 'admin', credential: 's1' };
const OFFER = { source: 'tablet', offer: 'v=0', takeOver: false };

type Said = Pick<Signal, 'source' | 'session' | 'words'>;

/** The hub's side of publishing, beside senses that answer as `reply` says and a house in which `off` is off. */
function make() {
  const clock = new FakeClock();
  const said: Said[] = [];
  const audited: string[] = [];
  const the = { off: null as 'house' | null, reply: async (_: Said): Promise<string | null> => 'answer' };
  const senses = {
    events: new EventEmitter<SensesEvents>(),
    signal: (words: Said) => {
      said.push(words);
      return the.reply(words);
    },
  };
  const sensing = {
    events: new EventEmitter(),
    roomOf: (source: string) => (['tablet', 'cam'].includes(source) ? 'den' : undefined),
    kindOf: (source: string) => (source === 'cam' ? 'camera' : 'phone'),
    whyOff: () => the.off,
    assertConfigured: () => {},
  } as unknown as PublishingOptions['sensing'];
  const audit = {
    record: ({ actor, action }: { actor: string; action: string }) => void audited.push(`${actor} ${action}`),
    latest: () => [],
  };
  const publishing = new Publishing({ clock, random: randomBytes, audit, sensing, senses });
  return { publishing, senses, sensing, said, audited, clock, the };
}

const refused = async (act: Promise<unknown>): Promise<RoomtoneError> => {
  try {
    await act;
  } catch (error) {
    if (error instanceof RoomtoneError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

describe('publishing', () => {
  it('belongs to one device at a time, and says to others whose it is', async () => {
    const { publishing, clock } = make();
    const { session } = await publishing.begin(TABLET, OFFER);
    const { code, params } = await refused(publishing.begin(PHONE, OFFER));
    const since = new Date(clock.wall()).toISOString();
    assert.deepEqual([code, params], ['phone.busy', { source: 'tablet', holder: 'Old tablet', since, own: false }]);
    assert.equal((await refused(publishing.begin(TABLET, OFFER))).params.own, true);
    assert.deepEqual(publishing.holder('tablet'), { name: 'Old tablet', since: clock.wall() });
    await publishing.end(TABLET, { source: 'tablet', session });
    assert.equal(publishing.holder('tablet'), null);
    await publishing.begin(PHONE, OFFER);
  });

  it('is taken over on purpose: the session before is nobody else any more', async () => {
    const { publishing } = make();
    const first = await publishing.begin(TABLET, OFFER);
    const second = await publishing.begin(PHONE, { ...OFFER, takeOver: true });
    assert.equal((await refused(publishing.end(TABLET, { source: 'tablet', session: first.session }))).code, 'phone.no_session');
    assert.equal(publishing.holder('tablet')?.name, "Ada's phone");
    assert.notEqual(first.session, second.session);
  });

  it('is changed by its owner alone, under the tag of its ICE session', async () => {
    const { publishing, the } = make();
    const { session, etag } = await publishing.begin(TABLET, OFFER);
    const change = (publisher: Publisher, condition: string) =>
      publishing.change(publisher, { source: 'tablet', session, condition, fragment: 'a=' });
    the.reply = async () => null;
    assert.deepEqual(await change(TABLET, etag), { etag, fragment: null });
    assert.equal((await refused(change(TABLET, '"other"'))).code, 'phone.other_condition');
    assert.equal((await refused(change(PHONE, etag))).code, 'phone.no_session');
    the.reply = async () => 'fragment';
    const restarted = await change(ADMIN, '*');
    assert.notEqual(restarted.etag, etag);
    assert.equal((await refused(change(TABLET, etag))).code, 'phone.other_condition');
  });

  it('is free again after an offer that the senses refuse', async () => {
    const { publishing, the } = make();
    the.reply = async () => {
      throw new RoomtoneError('phone.bad_offer', { params: { what: 'x' } });
    };
    assert.equal((await refused(publishing.begin(TABLET, OFFER))).code, 'phone.bad_offer');
    assert.equal(publishing.holder('tablet'), null);
  });

  it('is for phones that are on', async () => {
    const { publishing, the, said } = make();
    assert.equal((await refused(publishing.begin(ADMIN, { ...OFFER, source: 'cam' }))).code, 'api.unknown_source');
    assert.equal((await refused(publishing.begin(ADMIN, { ...OFFER, source: 'nothing' }))).code, 'api.unknown_source');
    the.off = 'house';
    const { code, params } = await refused(publishing.begin(TABLET, OFFER));
    assert.deepEqual([code, params.by], ['phone.off', 'house']);
    assert.deepEqual(said, []);
  });

  it('ends with its source, its senses, its connection, or what let it in', async () => {
    const { publishing, senses, sensing, said } = make();
    const ends: [string, (session: string) => void][] = [
      ['stopped', () => sensing.events.emit('stopped', { room: 'den', source: 'tablet' })],
      ['no senses', () => senses.events.emit('pid', null)],
      ['lost', (session) => senses.events.emit('ended', { source: 'tablet', session, problem: { code: 'phone.lost', params: {} } })],
      ['revoked', () => publishing.revoke(({ credential }) => credential === 't1')],
    ];
    for (const [what, end] of ends) {
      const { session } = await publishing.begin(TABLET, OFFER);
      senses.events.emit('ended', { source: 'tablet', session: 'an earlier one', problem: { code: 'phone.lost', params: {} } });
      assert.ok(publishing.holder('tablet'));
      end(session);
      assert.equal(publishing.holder('tablet'), null, what);
    }
    assert.equal(said.at(-1)?.words.kind, 'end', 'a revoked device is cut off');
  });

  it('that was switched off while the senses answered is not begun', async () => {
    const { publishing, sensing, the } = make();
    the.reply = async ({ words }) => {
      if (words.kind === 'offer') sensing.events.emit('stopped', { room: 'den', source: 'tablet' });
      return 'answer';
    };
    assert.equal((await refused(publishing.begin(TABLET, OFFER))).code, 'phone.no_session');
  });

  it('is tried so often and no more, for each source by itself', async () => {
    const { publishing, clock, said } = make();
    const codes = new Map<string, number>();
    for (let n = 0; n < 1000; n++) {
      const { code } = await refused(publishing.begin(PHONE, { ...OFFER, takeOver: false, source: 'nothing' }));
      codes.set(code, (codes.get(code) ?? 0) + 1);
      clock.advance(60);
    }
    assert.ok((codes.get('phone.too_many_offers') ?? 0) > 900, JSON.stringify([...codes]));
    assert.deepEqual(said, []);
    await publishing.begin(TABLET, OFFER);
  });

  it('stands in the audit once for each device, however often it comes back', async () => {
    const { publishing, audited } = make();
    for (let n = 0; n < 3; n++) await publishing.begin(TABLET, { ...OFFER, takeOver: true });
    await publishing.begin(PHONE, { ...OFFER, takeOver: true });
    assert.deepEqual(audited, ['panel:Old tablet source.published', "panel:Ada's phone source.published"]);
  });
});
