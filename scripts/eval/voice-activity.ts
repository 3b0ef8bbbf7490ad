import { CHUNK, voiceActivity } from '../../daemon/senses/perception/voice/vad.ts';
import { type Figure, median } from '../bench/report.ts';
import { type Clip, readClips } from './clips.ts';
import type { Options } from './evaluation.ts';
import { hashByte, isHeldOut, type Mixture, mix, music, seeded, silence } from './mixtures.ts';
import { openModel } from './models.ts';
import { share, table } from './tables.ts';

const OWN = 'own-vad';
const SILERO = 'silero-vad-16k';
const RATIOS = [20, 10, 5];
/** One clip of RAVDESS in six is as much speech as the commands. */
const RAVDESS_SHARE = 6;

interface Case {
  bed: string;
  mixture: Mixture;
}

interface Errors {
  missed: number;
  alarms: number;
  balanced: number;
  chunks: number;
}

interface Report {
  /** By bed, and for `all` of them */
  errors: Map<string, Errors>;
  /** Median ms a chunk */
  latency: number;
}

export async function evaluateActivity(options: Options): Promise<Figure[]> {
  const cases = await mixAll(options);
  const judged = options.model ?? OWN;
  const reports = new Map<string, Report>();
  for (const id of new Set([judged, OWN, SILERO])) {
    if (id !== judged && !(await isThere(id))) continue;
    reports.set(id, await judge(id, cases, options));
  }
  const beds = [...new Set(cases.map(({ bed }) => bed)), 'all'];
  console.log(`\nVoice activity, per 32 ms at 0.5: missed speech / false alarms / balanced error\n`);
  console.log(
    table([
      ['', ...reports.keys()],
      ...beds.map((bed) => [bed, ...[...reports.values()].map(({ errors }) => describe(errors.get(bed) as Errors))]),
      ['median ms a chunk', ...[...reports.values()].map(({ latency }) => latency.toFixed(3))],
    ]),
  );
  const { balanced, chunks } = (reports.get(judged) as Report).errors.get('all') as Errors;
  return [
    {
      name: 'voice.activity_error',
      value: balanced,
      unit: '',
      target: 0.1,
      better: 'lower',
      n: chunks,
      definition:
        'balanced error per 32 ms of held-out speech (ordinary commands, RAVDESS), half of the time speech-free, 20, 10 and 5 dB over held-out noise and music, and in silence',
    },
  ];
}

const describe = ({ missed, alarms, balanced }: Errors): string => `${share(missed)} / ${share(alarms)} / ${share(balanced)}`;

/** Whether the model lies on this machine: Silero has to be fetched. */
async function isThere(id: string): Promise<boolean> {
  try {
    await (await openModel('voice-activity', id)).session.release();
    return true;
  } catch {
    return false;
  }
}

/** Every clip of speech once in silence, and at every ratio over one noise and one piece of music. */
async function mixAll(options: Options): Promise<Case[]> {
  const commands = await readClips('speech', isHeldOut, options);
  const acted = await readClips('ravdess', (name) => hashByte(name) % RAVDESS_SHARE === 0, options);
  const noises = await readClips('noise', isHeldOut, options);
  const random = seeded(7);
  const pieces = Array.from({ length: 12 }, () => music(10, random));
  const still = silence(10, random);
  return [...commands, ...acted].flatMap(({ samples }, i) => [
    { bed: 'silence', mixture: mix(samples, still, 50, random) },
    ...RATIOS.flatMap((ratio) => [
      { bed: `noise ${ratio} dB`, mixture: mix(samples, (noises[(7 * i + ratio) % noises.length] as Clip).samples, ratio, random) },
      { bed: `music ${ratio} dB`, mixture: mix(samples, pieces[(5 * i + ratio) % pieces.length] as Float32Array, ratio, random) },
    ]),
  ]);
}

async function judge(id: string, cases: readonly Case[], options: Options): Promise<Report> {
  const { session } = await openModel('voice-activity', id);
  const tallies = new Map<string, Tally>();
  const times: number[] = [];
  for (const [i, { bed, mixture }] of cases.entries()) {
    options.progress(`${id}, ${i} of ${cases.length} mixtures`);
    const activity = voiceActivity(session);
    for (const [at, spoken] of mixture.truth.entries()) {
      const began = performance.now();
      const said = (await activity.probability(mixture.samples.subarray(at * CHUNK, (at + 1) * CHUNK))) >= 0.5;
      times.push(performance.now() - began);
      for (const name of [bed, 'all']) count(tallies, name, { spoken, said });
    }
  }
  await session.release();
  options.progress('');
  return { errors: new Map([...tallies].map(([name, tally]) => [name, errorsOf(tally)])), latency: median(times) };
}

interface Tally {
  spoken: number;
  missed: number;
  silent: number;
  alarms: number;
}

function count(tallies: Map<string, Tally>, name: string, { spoken, said }: { spoken: boolean; said: boolean }): void {
  const tally = tallies.get(name) ?? { spoken: 0, missed: 0, silent: 0, alarms: 0 };
  tallies.set(name, tally);
  if (spoken) {
    tally.spoken++;
    if (!said) tally.missed++;
  } else {
    tally.silent++;
    if (said) tally.alarms++;
  }
}

function errorsOf({ spoken, missed, silent, alarms }: Tally): Errors {
  const [miss, alarm] = [missed / spoken, alarms / silent];
  return { missed: miss, alarms: alarm, balanced: (miss + alarm) / 2, chunks: spoken + silent };
}
