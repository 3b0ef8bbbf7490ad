/**
 * Fits the weights of daemon/senses/perception/voice/arousal.ts on EmoDB and evaluates them on RAVDESS.
 *
 *     node models/training/prosody/fit.ts EMODB_DIR [RAVDESS_DIR]
 *
 * Both folders hold the clips under their original names (03a01Fa.flac, 03-01-05-01-01-01-01.flac; wav does too); ffmpeg
 * must be installed. EmoDB (Burkhardt et al. 2005) is CC BY 4.0; RAVDESS (Livingstone & Russo 2018) is CC BY-NC-SA and is
 * evaluated only: nothing of it enters the weights.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { COORDINATES } from '../../../daemon/mood/affect.ts';
import { AROUSAL, type ArousalModel, arousalOf, VoiceBaseline } from '../../../daemon/senses/perception/voice/arousal.ts';
import { type Prosody, ProsodyAnalyzer } from '../../../daemon/senses/perception/voice/prosody.ts';
import { CHUNK, SAMPLE_RATE } from '../../../daemon/senses/perception/voice/vad.ts';
import { auc, centre, correlation, type Row, ridge } from './statistics.ts';

/** EmoDB's recording level follows the emotion, so the level is not fitted. */
const FITTED = ['pitch', 'pitchMovement', 'tilt'] as const;

interface Clip {
  speaker: string;
  emotion: string;
  prosody: Prosody;
}

/** Bored: Russell & Mehrabian 1977, as the rest. Calm is an ordinary way to speak in RAVDESS, read as neutral. */
const AROUSAL_OF: Record<string, number> = {
  ...Object.fromEntries(Object.entries(COORDINATES).map(([emotion, affect]) => [emotion, affect.arousal])),
  calm: 0,
  boredom: -0.62,
};
const HIGH = ['anger', 'fear', 'happiness', 'surprise'];
const LOW = ['neutral', 'calm', 'sadness', 'boredom'];

const EMODB = { W: 'anger', L: 'boredom', E: 'disgust', A: 'fear', F: 'happiness', T: 'sadness', N: 'neutral' } as Record<string, string>;
const RAVDESS = ['neutral', 'calm', 'happiness', 'sadness', 'anger', 'fear', 'disgust', 'surprise'];

const fromEmodb = (name: string) => ({ speaker: name.slice(0, 2), emotion: EMODB[name[5] ?? ''] });
const fromRavdess = (name: string) => {
  const fields = name.split('-');
  return { speaker: fields[6] ?? '', emotion: RAVDESS[Number(fields[2]) - 1] };
};

interface Recording {
  speaker: string;
  emotion: string;
  samples: Float32Array;
}

function readCorpus(dir: string, parseName: typeof fromEmodb): Recording[] {
  return readdirSync(dir)
    .sort()
    .flatMap((file) => {
      const { speaker, emotion } = parseName(parse(file).name);
      return emotion ? [{ speaker, emotion, samples: decode(join(dir, file)) }] : [];
    });
}

/** Mono samples, from where the voice begins. */
function decode(file: string): Float32Array {
  const trim = 'silenceremove=start_periods=1:start_threshold=-45dB';
  const bytes = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', file, '-af', trim, '-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 'f32le', '-'],
    {
      maxBuffer: 1e8,
    },
  );
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Prosody of the first `seconds` of every recording that has enough voice. */
function measure(recordings: readonly Recording[], seconds = Number.POSITIVE_INFINITY): Clip[] {
  const analyzer = new ProsodyAnalyzer();
  return recordings.flatMap(({ speaker, emotion, samples }) => {
    const end = Math.min(samples.length, seconds * SAMPLE_RATE);
    for (let at = 0; at + CHUNK <= end; at += CHUNK) analyzer.push(samples.subarray(at, at + CHUNK));
    const prosody = analyzer.finish();
    return prosody ? [{ speaker, emotion, prosody }] : [];
  });
}

const isOrdinary = (clip: Clip): boolean => clip.emotion === 'neutral' || clip.emotion === 'calm';

/** Mean prosody of the speaker's ordinary clips, without the one that is judged. */
function ordinaryOf(clips: readonly Clip[], clip: Clip): Prosody {
  const ordinary = clips.filter((each) => each !== clip && each.speaker === clip.speaker && isOrdinary(each));
  return centre(ordinary.map((each) => each.prosody));
}

function fit(clips: readonly Clip[], ordinary: ReadonlyMap<Clip, Prosody>): ArousalModel {
  const rows: Row[] = clips.map((clip) => ({
    x: FITTED.map((feature) => clip.prosody[feature] - (ordinary.get(clip) as Prosody)[feature]),
    y: Math.atanh(AROUSAL_OF[clip.emotion] as number),
  }));
  const [bias, ...weights] = ridge(rows, 1);
  const fitted = Object.fromEntries(FITTED.map((feature, i) => [feature, weights[i] ?? 0])) as Pick<Prosody, (typeof FITTED)[number]>;
  return { bias: bias ?? 0, weights: { ...fitted, level: AROUSAL.weights.level } };
}

function report(label: string, clips: readonly Clip[], readings: readonly number[]): void {
  const judged = clips.map((clip, i) => ({ ...clip, reading: readings[i] as number }));
  const pick = (emotions: string[]) => judged.filter((clip) => emotions.includes(clip.emotion)).map((clip) => clip.reading);
  const targets = judged.map((clip) => AROUSAL_OF[clip.emotion] as number);
  const ordinary = pick(['neutral', 'calm']);
  const mean = ordinary.reduce((sum, each) => sum + each, 0) / ordinary.length;
  const alarms = ordinary.filter((reading) => reading > 0.3).length / ordinary.length;
  print(
    `${label.padEnd(58)} n ${clips.length}  AUC ${auc(pick(HIGH), pick(LOW)).toFixed(3)}  r ${correlation(readings, targets).toFixed(2)}` +
      `  neutral ${mean.toFixed(2)}, above 0.3 ${(100 * alarms).toFixed(0)} %`,
  );
}

/** Readings as the daemon makes them: clip after clip through one running baseline per speaker, in shuffled order. */
function readOnline(clips: readonly Clip[]): number[] {
  const readings = new Array<number>(clips.length);
  const baselines = new Map<string, VoiceBaseline>();
  for (const { clip, index } of shuffled(clips)) {
    const baseline = baselines.get(clip.speaker) ?? new VoiceBaseline();
    baselines.set(clip.speaker, baseline);
    readings[index] = arousalOf(clip.prosody, baseline.take(clip.prosody));
  }
  return readings;
}

/** The same order every time: by a multiplicative hash of the index. */
function shuffled(clips: readonly Clip[]): { clip: Clip; index: number }[] {
  const key = (index: number) => ((index + 1) * 2_654_435_761) % 2 ** 32;
  return clips.map((clip, index) => ({ clip, index })).sort((a, b) => key(a.index) - key(b.index));
}

function readCold(clips: readonly Clip[]): number[] {
  return clips.map((clip) => arousalOf(clip.prosody, new VoiceBaseline().take(clip.prosody)));
}

function leaveOneSpeakerOut(clips: readonly Clip[], ordinary: ReadonlyMap<Clip, Prosody>): number[] {
  const models = new Map<string, ArousalModel>();
  for (const speaker of new Set(clips.map((clip) => clip.speaker))) {
    models.set(
      speaker,
      fit(
        clips.filter((clip) => clip.speaker !== speaker),
        ordinary,
      ),
    );
  }
  return clips.map((clip) => arousalOf(clip.prosody, ordinary.get(clip) as Prosody, noLevel(models.get(clip.speaker))));
}

const noLevel = (model: ArousalModel | undefined) => {
  if (!model) throw new TypeError('every speaker has a model');
  return { ...model, weights: { ...model.weights, level: 0 } };
};

function main(): void {
  const [emodbDir, ravdessDir] = process.argv.slice(2);
  if (!emodbDir) {
    print('usage: node models/training/prosody/fit.ts EMODB_DIR [RAVDESS_DIR]');
    process.exitCode = 64;
    return;
  }
  const emodb = measure(readCorpus(emodbDir, fromEmodb));
  const ordinary = new Map(emodb.map((clip) => [clip, ordinaryOf(emodb, clip)]));
  const model = fit(emodb, ordinary);
  print(`AROUSAL = ${JSON.stringify(model)}`);
  print(`ORDINARY = ${JSON.stringify(centre([...ordinary.values()]))}`);
  report('EmoDB, speakers left out, against ordinary speech, no level', emodb, leaveOneSpeakerOut(emodb, ordinary));
  if (ravdessDir) evaluate(ravdessDir, model);
}

function evaluate(dir: string, model: ArousalModel): void {
  const recordings = readCorpus(dir, fromRavdess);
  for (const seconds of [Number.POSITIVE_INFINITY, 2, 1]) {
    const clips = measure(recordings, seconds);
    const ordinary = clips.map((clip) => ordinaryOf(clips, clip));
    const read = (given: ArousalModel) => clips.map((clip, i) => arousalOf(clip.prosody, ordinary[i] as Prosody, given));
    const label = Number.isFinite(seconds) ? `RAVDESS, first ${seconds} s` : 'RAVDESS';
    report(`${label}, against ordinary speech, no level`, clips, read(noLevel(model)));
    report(`${label}, against ordinary speech`, clips, read(model));
    report(`${label}, running baseline, shuffled`, clips, readOnline(clips));
    report(`${label}, first clip, no baseline`, clips, readCold(clips));
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

main();
