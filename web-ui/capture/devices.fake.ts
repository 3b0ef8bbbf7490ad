import type { FakeClock } from '../../daemon/api/clock.fake.ts';
import { Broadcast, type Publication } from './broadcast.ts';
import type { Choice } from './media.ts';

/** What a browser's camera or microphone gives. */
export class FakeTrack extends EventTarget {
  readonly kind: string;
  enabled = true;
  readyState: 'live' | 'ended' = 'live';

  constructor(kind: string) {
    super();
    this.kind = kind;
  }

  stop(): void {
    this.readyState = 'ended';
  }

  /** Unplugged, or taken back: only then do browsers tell of it. */
  end(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

interface FakeStream extends MediaStream {
  video: FakeTrack;
  audio: FakeTrack;
}

function fakeStream(): FakeStream {
  const [video, audio] = [new FakeTrack('video'), new FakeTrack('audio')];
  return { video, audio, getTracks: () => [video, audio], getAudioTracks: () => [audio] } as unknown as FakeStream;
}

/** A connection that comes about, fails or breaks when a test says so. */
class FakePublication implements Publication {
  readonly source: string;
  readonly lose: () => void;
  takeOver = false;
  closed = false;
  readonly #published = Promise.withResolvers<void>();

  constructor(source: string, onLost: () => void) {
    this.source = source;
    this.lose = onLost;
  }

  publish(_stream: MediaStream, { takeOver }: { takeOver: boolean }): Promise<void> {
    this.takeOver = takeOver;
    return this.#published.promise;
  }

  close(): void {
    this.closed = true;
  }

  connected(): void {
    this.#published.resolve();
  }

  fail(error: Error): void {
    this.#published.reject(error);
  }
}

/** A broadcast of a device whose camera, microphone and network a test plays. */
export function fakeDevice(clock: FakeClock, { persistent }: { persistent: boolean }) {
  const streams: FakeStream[] = [];
  const publications: FakePublication[] = [];
  const asked: Choice[] = [];
  /** What camera and microphone say to being opened. */
  const opening: { with: () => Promise<void> } = { with: async () => {} };
  const broadcast = new Broadcast({
    clock,
    random: () => 1,
    persistent,
    async open(choice) {
      asked.push(choice);
      await opening.with();
      const stream = fakeStream();
      streams.push(stream);
      return stream;
    },
    connect(source, onLost) {
      const publication = new FakePublication(source, onLost);
      publications.push(publication);
      return publication;
    },
  });
  const last = <T>(items: T[]): T => {
    const item = items.at(-1);
    if (item === undefined) throw new Error('there is none yet');
    return item;
  };
  return {
    broadcast,
    asked,
    streams,
    publications,
    opening,
    stream: () => last(streams),
    publication: () => last(publications),
    phase: () => broadcast.state.value.phase,
    /** Tracks that are open. */
    open: () => streams.flatMap(({ video, audio }) => [video, audio]).filter(({ readyState }) => readyState === 'live').length,
  };
}
