/** Sound for judging voice activity: speech in time, noise and music under it, and what is true of each chunk. */
import { createHash } from 'node:crypto';
import { CHUNK, SAMPLE_RATE } from '../../daemon/senses/perception/voice/vad.ts';

/** A generator of numbers in 0..1 that gives the same ones every time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whether a clip of speech or noise was kept from training: the rule of models/training/voice-activity/mix.py. */
export function isHeldOut(name: string): boolean {
  if (name.startsWith('de_')) return false;
  const key = name.startsWith('sti_') ? name : name.slice(0, name.lastIndexOf('-'));
  return hashByte(key) % 2 === 1;
}

export const hashByte = (name: string): number => createHash('sha256').update(name).digest()[0] as number;

/** Within 30 dB of the loud chunks is speech; so are gaps up to 0.25 s, but not clicks under 0.1 s. */
export function activityOf(samples: Float32Array): boolean[] {
  const levels = Array.from({ length: Math.floor(samples.length / CHUNK) }, (_, i) =>
    decibels(powerOf(samples.subarray(i * CHUNK, (i + 1) * CHUNK))),
  );
  const loud = [...levels].sort((a, b) => a - b)[Math.floor(0.95 * (levels.length - 1))] ?? 0;
  const active = levels.map((level) => level > loud - 30);
  turnRuns(active, false, 9);
  turnRuns(active, true, 3);
  return active;
}

/** Runs of `value` shorter than `length` become the other value; silence at either end stays silence. */
function turnRuns(flags: boolean[], value: boolean, length: number): void {
  for (let start = 0; start < flags.length; ) {
    let end = start;
    while (end < flags.length && flags[end] === flags[start]) end++;
    const inner = start > 0 && end < flags.length;
    if (flags[start] === value && end - start < length && (inner || value)) flags.fill(!value, start, end);
    start = end;
  }
}

export interface Mixture {
  samples: Float32Array;
  /** Whether each chunk is spoken. */
  truth: boolean[];
}

const SPEECH_LEVEL = 10 ** (-26 / 10);

/** The clip from its first word to its last, somewhere in as much again without speech, `snr` dB above the bed. */
export function mix(clip: Float32Array, bed: Float32Array, snr: number, random: () => number): Mixture {
  const active = activityOf(clip);
  const first = active.indexOf(true);
  const spoken = active.slice(first, active.lastIndexOf(true) + 1);
  const count = 2 * spoken.filter(Boolean).length;
  const chunks = Math.max(count, spoken.length);
  const at = Math.floor(random() * (chunks - spoken.length + 1));
  const truth = Array.from({ length: chunks }, (_, i) => spoken[i - at] ?? false);
  const samples = new Float32Array(chunks * CHUNK);
  const speech = clip.subarray(first * CHUNK, (first + spoken.length) * CHUNK);
  const voiced = spoken.flatMap((on, i) => (on ? [powerOf(speech.subarray(i * CHUNK, (i + 1) * CHUNK))] : []));
  const gain = Math.sqrt((SPEECH_LEVEL * voiced.length) / voiced.reduce((sum, each) => sum + each, 0));
  const bedGain = Math.sqrt((SPEECH_LEVEL * 10 ** (-snr / 10)) / (powerOf(bed) + 1e-12));
  const shift = Math.floor(random() * bed.length);
  for (let i = 0; i < samples.length; i++) samples[i] = bedGain * (bed[(i + shift) % bed.length] as number);
  for (let i = 0; i < speech.length; i++) samples[at * CHUNK + i] = (samples[at * CHUNK + i] as number) + gain * (speech[i] as number);
  return { samples, truth };
}

const powerOf = (samples: Float32Array): number => samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
const decibels = (power: number): number => 10 * Math.log10(power + 1e-10);

/** A room at night: nothing but the microphone's own noise. */
export function silence(seconds: number, random: () => number): Float32Array {
  return Float32Array.from({ length: seconds * SAMPLE_RATE }, () => random() - 0.5);
}

/**
 * Music by rule, unlike that of the training: chords of plucked strings (Karplus & Strong 1983) and a melody of frequency
 * modulated tones (Chowning 1973).
 */
export function music(seconds: number, random: () => number): Float32Array {
  const samples = new Float32Array(seconds * SAMPLE_RATE);
  const beat = Math.round((SAMPLE_RATE * 60) / (70 + 80 * random()));
  const root = 98 * 2 ** (Math.floor(12 * random()) / 12);
  const degrees = [0, 2, 4, 5, 7, 9, 11];
  const note = (octave: number): number => root * 2 ** (octave + (degrees[Math.floor(random() * 7)] as number) / 12);
  for (let start = 0; start + beat < samples.length; start += beat) {
    for (let voice = 0; voice < 3; voice++) pluck(samples.subarray(start, start + 3 * beat), note(voice % 2), random);
    if (random() < 0.7) modulated(samples.subarray(start, start + beat), note(2), 1 + 3 * random());
  }
  return samples;
}

function pluck(into: Float32Array, hz: number, random: () => number): void {
  const string = Float32Array.from({ length: Math.round(SAMPLE_RATE / hz) }, () => 2 * random() - 1);
  for (let i = 0; i < into.length; i++) {
    const at = i % string.length;
    const next = (at + 1) % string.length;
    into[i] = (into[i] as number) + 0.3 * (string[at] as number);
    string[at] = 0.498 * ((string[at] as number) + (string[next] as number));
  }
}

function modulated(into: Float32Array, hz: number, depth: number): void {
  const step = (2 * Math.PI * hz) / SAMPLE_RATE;
  for (let i = 0; i < into.length; i++) {
    const envelope = Math.min(1, i / 800, (into.length - i) / 800);
    into[i] = (into[i] as number) + 0.25 * envelope * Math.sin(step * i + depth * envelope * Math.sin(2 * step * i));
  }
}
