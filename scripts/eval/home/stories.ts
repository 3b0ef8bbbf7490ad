import { Replay, type ReplayEvent } from '../../../daemon/house/replay.ts';
import type { Observation } from '../../../daemon/mood/observation.ts';
import type { Sense } from './day.ts';
import { FEELINGS, type Feeling } from './feelings.ts';

/** What is held of the room from a moment on. */
export interface Told {
  at: number;
  emotion: Feeling;
  label: string;
  /** That the emotion is right, 0..1. */
  confidence: number;
}

/** In the order of their times. */
export type Story = Told[];

/** Frames whose mean is a face's emotion. */
const FRAMES = 10;
/** ms after which a face that is not read any more has left. A voice and a message leave with the next one. */
const IN_VIEW = 1000;
const EVENING = Date.UTC(2026, 9, 1, 16);

/** The mood that the program makes of these observations. */
export function storyOfProgram(observations: readonly Observation[]): Story {
  const replay = new Replay({ zero: EVENING });
  const story: Story = [];
  const take = (events: readonly ReplayEvent[]): void => {
    for (const event of events) {
      if (!('mood' in event)) continue;
      const { emotion, label, confidence } = event.mood;
      story.push({ at: event.at, emotion, label, confidence });
    }
  };
  for (const observation of observations) take(replay.take({ observation }));
  take(replay.end());
  return story;
}

/** What this modality and the sensor of presence say: the rest is left out. */
export const only = (sense: Sense, observations: readonly Observation[]): Observation[] =>
  observations.filter(({ modality }) => modality === sense || modality === 'presence');

interface Recent {
  at: number;
  distributions: number[][];
}

/** The plainest way to read one modality: the mean of the last ten distributions of each face in view (or of the source), the last one held. */
export function storyOfMean(sense: Sense, observations: readonly Observation[]): Story {
  const tracks = new Map<number, Recent>();
  const story: Story = [];
  for (const observation of observations) {
    if (observation.modality !== sense || !('probabilities' in observation) || !observation.probabilities) continue;
    const { at, probabilities } = observation;
    const track = observation.modality === 'face' ? observation.track : 0;
    const distributions = [...(tracks.get(track)?.distributions ?? []), FEELINGS.map((feeling) => probabilities[feeling])];
    tracks.set(track, { at, distributions: distributions.slice(-FRAMES) });
    for (const [each, recent] of tracks) if (at - recent.at > IN_VIEW) tracks.delete(each);
    const means = meanOf([...tracks.values()].map((recent) => meanOf(recent.distributions)));
    const confidence = Math.max(...means);
    story.push({ at, emotion: FEELINGS[means.indexOf(confidence)] as Feeling, label: '', confidence });
  }
  return story;
}

const meanOf = (distributions: readonly number[][]): number[] =>
  FEELINGS.map((_, i) => distributions.reduce((sum, each) => sum + (each[i] ?? 0), 0) / distributions.length);
