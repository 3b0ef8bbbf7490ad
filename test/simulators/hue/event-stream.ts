import type { ServerResponse } from 'node:http';
import type { SimulatorClock } from './clock.ts';
import { parts } from './event-parts.ts';
import { type Announcer, type ClipObject, type ResourceUpdate, remains } from './home/resource.ts';
import { type Random, uuid } from './random.ts';

interface EventStreamOptions {
  clock: SimulatorClock;
  random: Random;
  /** The shortest time between two frames, ms. */
  interval: number;
  /** Summaries of groups that changed since this was called last; they follow what they sum up in the next frame. */
  takeGroupUpdates: () => ResourceUpdate[];
}

/** A frame of server-sent events, with the id that a client may resume from. */
interface Frame {
  id: string;
  text: string;
}

interface OpenStream {
  response: ServerResponse;
  key: string;
  /** Its other end hears nothing any more, as behind a dead router. */
  silent: boolean;
}

/** An event of changes that waits for its frame; a closed one takes no more. */
interface PendingUpdate {
  type: 'update';
  batch: string | undefined;
  closed: boolean;
  updates: ResourceUpdate[];
}

type PendingEvent = PendingUpdate | { type: 'add' | 'delete'; resources: readonly ClipObject[] };

/** How many frames a bridge keeps for a client that comes back. */
const retainedFrames = 15;

/** `GET /eventstream/clip/v2`: gathers changes per resource, sends at most one frame per interval, replays the last frames. */
export class EventStream implements Announcer {
  readonly #options: EventStreamOptions;
  /** Frames so far, whether anyone listened or not. */
  framesSent = 0;
  readonly #open = new Set<OpenStream>();
  #pending: PendingEvent[] = [];
  #groupsFollow = false;
  #retained: Frame[] = [];
  #timer: { cancel(): void } | undefined;
  #lastFrameAt = Number.NEGATIVE_INFINITY;
  #lastId = { second: 0, number: 0 };

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  get openStreams(): number {
    return this.#open.size;
  }

  /** Opens the stream on `response`, first with what was missed since `lastEventId`. */
  accept(response: ServerResponse, key: string, lastEventId: string | undefined): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    response.write(': hi\n\n');
    for (const frame of this.#since(lastEventId)) response.write(frame.text);
    const stream: OpenStream = { response, key, silent: false };
    this.#open.add(stream);
    response.on('close', () => this.#open.delete(stream));
  }

  update(update: ResourceUpdate): void {
    const open = this.#pending.filter((event): event is PendingUpdate => event.type === 'update' && !event.closed);
    const same = open.find((event) => event.updates.some(({ id }) => id === update.id));
    const batch = update.batch === undefined ? undefined : open.find((event) => event.batch === update.batch);
    if (same && !update.everyOne) {
      same.updates = same.updates.map((each) =>
        each.id === update.id ? { ...each, changed: { ...each.changed, ...update.changed } } : each,
      );
    } else if (batch) batch.updates.push(update);
    else this.#pending.push({ type: 'update', batch: update.batch, closed: update.everyOne === true, updates: [update] });
    this.#schedule();
  }

  add(resources: readonly ClipObject[]): void {
    this.#pending.push({ type: 'add', resources });
    this.#schedule();
  }

  /** What waited to be told of the resources is told no more. */
  remove(resources: readonly ClipObject[]): void {
    const gone = new Set(resources.map(({ id }) => id));
    for (const event of this.#pending) if (event.type === 'update') event.updates = event.updates.filter(({ id }) => !gone.has(id));
    this.#pending = this.#pending.filter((event) => event.type !== 'update' || event.updates.length > 0);
    this.#pending.push({ type: 'delete', resources: resources.map(remains) });
    this.#schedule();
  }

  /** The streams open now stay open but carry nothing more; a new one works. */
  silence(): void {
    for (const stream of this.#open) stream.silent = true;
  }

  /** Breaks the open streams, all or those of one key. */
  drop(key?: string): void {
    for (const stream of this.#open) if (key === undefined || stream.key === key) stream.response.destroy();
  }

  /** Writes `text` as it is to every open stream. */
  writeRaw(text: string): void {
    for (const stream of this.#open) if (!stream.silent) stream.response.write(text);
  }

  close(): void {
    this.#timer?.cancel();
    this.drop();
  }

  #schedule(): void {
    if (this.#timer) return;
    const due = this.#lastFrameAt + this.#options.interval - this.#options.clock.mono();
    if (due <= 0) this.#flush();
    else this.#timer = this.#options.clock.after(due, () => this.#flush());
  }

  #flush(): void {
    this.#timer = undefined;
    const pending = this.#pending;
    this.#pending = [];
    const groups = this.#groupsFollow ? this.#options.takeGroupUpdates() : [];
    this.#groupsFollow = pending.length > 0;
    for (const type of new Set(groups.map((update) => update.type))) {
      pending.push({ type: 'update', batch: type, closed: true, updates: groups.filter((update) => update.type === type) });
    }
    if (pending.length > 0) this.#send(pending);
    if (this.#groupsFollow) this.#schedule();
  }

  #send(pending: readonly PendingEvent[]): void {
    this.#lastFrameAt = this.#options.clock.mono();
    const id = this.#nextId();
    const frame = { id, text: `id: ${id}\ndata: ${JSON.stringify(pending.map((event) => this.#event(event)))}\n\n` };
    this.framesSent += 1;
    this.#retained = [...this.#retained, frame].slice(-retainedFrames);
    this.writeRaw(frame.text);
  }

  #event(event: PendingEvent): ClipObject {
    return {
      creationtime: new Date(this.#options.clock.wall()).toISOString().replace(/\.\d+Z$/, 'Z'),
      data: event.type === 'update' ? event.updates.flatMap(parts) : event.resources,
      id: uuid(this.#options.random),
      type: event.type,
    };
  }

  #nextId(): string {
    const second = Math.floor(this.#options.clock.wall() / 1000);
    const number = second === this.#lastId.second ? this.#lastId.number + 1 : 0;
    this.#lastId = { second, number };
    return `${second}:${number}`;
  }

  #since(lastEventId: string | undefined): Frame[] {
    const last = lastEventId?.match(/^(\d+):(\d+)$/);
    if (!last) return [];
    const after = [Number(last[1]), Number(last[2])] as const;
    return this.#retained.filter((frame) => {
      const [second = 0, number = 0] = frame.id.split(':').map(Number);
      return second > after[0] || (second === after[0] && number > after[1]);
    });
  }
}
