import { EventEmitter } from 'node:events';
import type { Clock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import type { AuditPort } from '../api/ports.ts';
import type { Holder, Published, Publisher, PublishingApi } from '../api/publishing.ts';
import type { Senses } from '../senses/supervisor.ts';
import { OfferBudget } from './offer-budget.ts';
import type { Sensing } from './sensing.ts';

export interface PublishingOptions {
  clock: Clock;
  /** That many unpredictable bytes */
  random: (bytes: number) => Buffer;
  audit: AuditPort;
  sensing: Sensing;
  senses: Pick<Senses, 'events' | 'signal'>;
}

interface Session extends Holder {
  id: string;
  room: string;
  publisher: Publisher;
  etag: string;
}

/** Who sends to which phone source: one device each. Whatever ends a source's sensing, or what let the device in, ends it. */
export class Publishing implements PublishingApi {
  readonly events = new EventEmitter<{ changed: [{ room: string }] }>();
  readonly #options: PublishingOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #budget: OfferBudget;
  /** Credential that sent to each source last: one that comes back again and again is noted once. */
  readonly #noted = new Map<string, string>();

  constructor(options: PublishingOptions) {
    const { clock, sensing, senses } = options;
    this.#options = options;
    this.#budget = new OfferBudget(clock);
    senses.events.on('ended', ({ source, session }) => this.#forget(source, session));
    senses.events.on('pid', (pid) => pid === null && this.#forgetAll());
    sensing.events.on('stopped', ({ source }) => this.#forget(source));
  }

  holder(source: string): Holder | null {
    const session = this.#sessions.get(source);
    return session ? { name: session.name, since: session.since } : null;
  }

  async begin(publisher: Publisher, { source, offer, takeOver }: Parameters<PublishingApi['begin']>[1]): Promise<Published> {
    this.#budget.spend(source);
    const session = this.#take(publisher, { source, takeOver });
    try {
      const answer = await this.#say(session, source, { kind: 'offer', sdp: offer });
      // Switched off, revoked or taken over meanwhile.
      if (this.#sessions.get(source) !== session) throw gone(source);
      this.#note(publisher, source);
      return { session: session.id, etag: session.etag, answer: answer ?? '' };
    } catch (error) {
      this.#forget(source, session.id);
      throw error;
    }
  }

  async change(publisher: Publisher, request: Parameters<PublishingApi['change']>[1]): ReturnType<PublishingApi['change']> {
    const { source, condition, fragment } = request;
    const session = this.#find(publisher, request);
    if (condition !== '*' && condition !== session.etag) throw new RoomtoneError('phone.other_condition');
    const answer = await this.#say(session, source, { kind: 'patch', fragment });
    if (answer !== null) session.etag = this.#newTag();
    return { etag: session.etag, fragment: answer };
  }

  async end(publisher: Publisher, request: Parameters<PublishingApi['end']>[1]): Promise<void> {
    const { id } = this.#find(publisher, request);
    await this.#cutOff(request.source, id);
  }

  /** Cuts off whom a credential let in that has ended. */
  revoke(isRevoked: (publisher: Publisher) => boolean): void {
    for (const [source, { id, publisher }] of [...this.#sessions]) if (isRevoked(publisher)) void this.#cutOff(source, id);
  }

  #take(publisher: Publisher, { source, takeOver }: { source: string; takeOver: boolean }): Session {
    const { clock, sensing } = this.#options;
    const room = sensing.roomOf(source);
    sensing.assertConfigured();
    if (room === undefined || sensing.kindOf(source) !== 'phone') throw new RoomtoneError('api.unknown_source', { params: { source } });
    const why = sensing.whyOff(source);
    if (why) throw new RoomtoneError('phone.off', { params: { source, why: WHY_OFF[why], by: why } });
    const before = this.#sessions.get(source);
    if (before && !takeOver) {
      const { name, since, publisher: owner } = before;
      const own = owner.credential === publisher.credential;
      throw new RoomtoneError('phone.busy', { params: { source, holder: name, since: new Date(since).toISOString(), own } });
    }
    const id = this.#options.random(16).toString('base64url');
    const session = { id, room, publisher, name: publisher.name, since: clock.wall(), etag: this.#newTag() };
    this.#sessions.set(source, session);
    this.events.emit('changed', { room });
    return session;
  }

  /** Whoever may do anything may also end what others began. */
  #find(publisher: Publisher, { source, session: id }: { source: string; session: string }): Session {
    const session = this.#sessions.get(source);
    const mayTouch = publisher.source === undefined || session?.publisher.credential === publisher.credential;
    if (session?.id !== id || !mayTouch) throw gone(source);
    return session;
  }

  async #cutOff(source: string, session: string): Promise<void> {
    this.#forget(source, session);
    // Senses that do not answer are replaced, and with them whatever they held.
    await this.#options.senses.signal({ source, session, words: { kind: 'end' } }).catch(() => {});
  }

  #say(session: Session, source: string, words: Parameters<Senses['signal']>[0]['words']): Promise<string | null> {
    return this.#options.senses.signal({ source, session: session.id, words });
  }

  #forget(source: string, id?: string): void {
    const session = this.#sessions.get(source);
    if (!session || (id !== undefined && session.id !== id)) return;
    this.#sessions.delete(source);
    this.events.emit('changed', { room: session.room });
  }

  #forgetAll(): void {
    for (const source of [...this.#sessions.keys()]) this.#forget(source);
  }

  #note({ name, credential }: Publisher, source: string): void {
    if (this.#noted.get(source) === credential) return;
    this.#noted.set(source, credential);
    this.#options.audit.record({ actor: `panel:${name}`, action: 'source.published', subject: source, params: {} });
  }

  #newTag(): string {
    return `"${this.#options.random(9).toString('base64url')}"`;
  }
}

const WHY_OFF = {
  house: 'sensing is off in the whole house',
  room: 'its room is off',
  source: 'it is switched off',
} as const;

const gone = (source: string): RoomtoneError => new RoomtoneError('phone.no_session', { params: { source } });
