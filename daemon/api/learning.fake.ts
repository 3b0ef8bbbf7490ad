import { bodySampleSchema } from '../mood/body.ts';
import type { Verdict } from '../mood/verdict.ts';
import { type Actor, nameOf } from './actor.ts';
import { RoomtoneError } from './errors.ts';
import type { BodyView, FeedbackEntry, FeedbackView, HubFeedback, HubWearables, WearerView } from './learning.ts';

/** Remembers what was said, and learns nothing. */
export class FakeFeedback implements HubFeedback {
  readonly #entries: FeedbackEntry[] = [];
  readonly #onSaid: (said: { room: string; verdict: Verdict; takenBack: boolean }) => void;

  constructor(onSaid: (said: { room: string; verdict: Verdict; takenBack: boolean }) => void) {
    this.#onSaid = onSaid;
  }

  say(actor: Actor, room: string, verdict: Verdict): FeedbackView {
    const about = { emotion: 'happiness', label: 'cheerful', scene: null } as const;
    const id = `entry-${this.#entries.length}`;
    this.#entries.unshift({ id, at: Date.UTC(2026, 10, 1), actor: nameOf(actor), verdict, ...about, effects: [] });
    this.#onSaid({ room, verdict, takenBack: false });
    return this.view(room);
  }

  takeBack(_actor: Actor, room: string, id: string): FeedbackView {
    const index = this.#entries.findIndex((each) => each.id === id);
    const [entry] = index < 0 ? [] : this.#entries.splice(index, 1);
    if (!entry) throw new RoomtoneError('feedback.unknown', { params: { room } });
    this.#onSaid({ room, verdict: entry.verdict, takenBack: true });
    return this.view(room);
  }

  view(_room: string): FeedbackView {
    return { entries: [...this.#entries], reliability: [{ modality: 'face', set: 0.9, learned: 0.9 }], scenes: [] };
  }
}

/** Takes samples that make sense, and reads nothing in them. */
export class FakeWearables implements HubWearables {
  readonly samples: { room: string; sample: unknown }[] = [];

  submit(room: string, sent: unknown): BodyView {
    const { success, data } = bodySampleSchema.safeParse(sent);
    if (!success) throw new RoomtoneError('body.bad_sample', { params: { what: 'no' } });
    this.samples.push({ room, sample: data });
    return { wearer: data.wearer, reading: null };
  }

  list(): WearerView[] {
    return [];
  }

  forget(_actor: Actor, wearer: string): void {
    throw new RoomtoneError('body.unknown_wearer', { params: { wearer } });
  }
}
