import type { ServerResponse } from 'node:http';
import type { SimulatorClock } from './clock.ts';
import type { ResourceUpdate } from './house.ts';
import type { ClipObject } from './lamp.ts';
import { type Random, uuid } from './random.ts';

interface EventStreamOptions {
  clock: SimulatorClock;
  random: Random;
  /** The shortest time between two frames, ms. */
  interval: number;
  /** Groups whose state changed since this was called last; they follow their lamps in the next frame. */
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

/** How many frames a bridge keeps for a client that comes back. */
const retainedFrames = 15;

/** `GET /eventstream/clip/v2`: gathers changes per resource, sends at most one frame per interval, replays the last frames. */
export class EventStream {
  readonly #options: EventStreamOptions;
  /** Frames so far, whether anyone listened or not. */
  framesSent = 0;
  readonly #open = new Set<OpenStream>();
  readonly #pending = new Map<string, ResourceUpdate>();
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

  push(update: ResourceUpdate): void {
    const earlier = this.#pending.get(update.id);
    this.#pending.set(update.id, { ...update, changed: { ...earlier?.changed, ...update.changed } });
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
    this.#lastFrameAt = this.#options.clock.mono();
    const updates = [...this.#pending.values()];
    this.#pending.clear();
    const groups = updates.filter(({ type }) => type === 'grouped_light');
    const events = updates.filter(({ type }) => type !== 'grouped_light').map((update) => this.#event([update]));
    if (groups.length > 0) events.push(this.#event(groups));
    const id = this.#nextId();
    const frame = { id, text: `id: ${id}\ndata: ${JSON.stringify(events)}\n\n` };
    this.framesSent += 1;
    this.#retained = [...this.#retained, frame].slice(-retainedFrames);
    this.writeRaw(frame.text);
    for (const update of this.#options.takeGroupUpdates()) this.push(update);
  }

  #event(updates: ResourceUpdate[]): ClipObject {
    return {
      creationtime: new Date(this.#options.clock.wall()).toISOString().replace(/\.\d+Z$/, 'Z'),
      data: updates.flatMap(({ id, type, fixed, changed }) => parts(type, changed).map((part) => ({ ...part, ...fixed, id, type }))),
      id: uuid(this.#options.random),
      type: 'update',
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

/** A lamp's power and brightness come as entries of their own within one event. */
function parts(type: string, changed: ClipObject): ClipObject[] {
  if (type !== 'light') return [changed];
  const { on, dimming, ...rest } = changed;
  return [on && { on }, dimming && { dimming }, Object.keys(rest).length > 0 && rest].filter((part): part is ClipObject => Boolean(part));
}
