import { PolicyTrial, type RoomTally, type RuleTally, type TrialLine } from '../house/policy-trial.ts';
import { Replay } from '../house/replay.ts';
import { LogReader, timeOf } from '../mood/log.ts';
import type { Mood } from '../mood/mood.ts';
import { type Arguments, usage } from './arguments.ts';
import { LineOutput } from './line-output.ts';
import { ProgressLine } from './progress.ts';
import { entriesOf, houseOf, sizeOf } from './recorded.ts';
import { table } from './table.ts';

const HOUR = 3_600_000;

/**
 * `roomtone policy try FILE LOG`: replays a log in the house of a configuration, and tells which rule would have asked for which
 * scene, when and why, and what kept the others from it. Rooms act as in mode `auto`; no device is touched.
 * @throws RoomtoneError `cli.usage`, `config.*`, `log.*`
 */
export async function policy({ operands: [verb, file = '', log = ''] }: Arguments): Promise<void> {
  if (verb !== 'try') throw usage('"policy" knows one thing: policy try FILE LOG');
  const house = await houseOf(file);
  const trial = new PolicyTrial(house);
  const output = new LineOutput(process.stdout);
  const progress = new ProgressLine({ output: process.stderr, name: 'tried', total: sizeOf(log) });
  const over = new AbortController();
  output.onClosed(() => over.abort());
  const reader = new LogReader(log);
  const lines: TrialLine[] = [];
  let run: Replay | undefined;
  let [began, now] = [0, 0];
  const tell = async (events: ReturnType<Replay['take']>): Promise<void> => {
    for (const event of events) {
      if ('mood' in event) trial.onMood(event.mood);
      else trial.onCommand(event.command.device);
    }
    const times = { began, zero: reader.header.zero, zone: house.ambience.timezone };
    await output.write(
      lines
        .splice(0)
        .map((line) => describe(line, trial.mood(line.room), times))
        .join(''),
    );
  };
  for await (const entry of entriesOf(log, { reader, progress, house, signal: over.signal })) {
    if (!run) {
      began = timeOf(entry);
      run = new Replay({
        zero: reader.header.zero,
        house,
        onAsked: (change) => {
          const line = trial.onAsked(change);
          if (line) lines.push(line);
        },
      });
    }
    now = Math.max(now, timeOf(entry));
    await tell(run.take(entry));
  }
  await tell(run?.end() ?? []);
  progress.end();
  for (const tally of trial.end(now)) await output.write(summary(tally, (now - began) / HOUR));
}

interface Times {
  /** ms of the log's clock */
  began: number;
  zero: number | undefined;
  zone: string | undefined;
}

function describe({ at, room, asked }: TrialLine, mood: Mood | undefined, times: Times): string {
  const felt = mood ? `${mood.label}, stress ${Math.round(mood.stress)}, ${Math.round(mood.confidence * 100)} % sure` : 'no mood';
  return `${moment(at, times)}  ${room}  ${felt}  ${asked ? wish(asked) : 'nothing is asked for'}\n`;
}

function wish({ scene, intensity, by, rule }: NonNullable<TrialLine['asked']>): string {
  const strength = intensity < 100 ? ` at ${intensity} %` : '';
  return `${scene}${strength} (${by === 'schedule' ? 'a schedule' : `rule ${(rule ?? 0) + 1}`})`;
}

/** The time of day where the log tells it, else the time since it began. */
function moment(at: number, { began, zero, zone }: Times): string {
  if (zero === undefined) return new Date(at - began).toISOString().slice(11, 19);
  return new Date(zero + at).toLocaleString('sv-SE', { timeZone: zone ?? 'UTC' });
}

function summary({ room, rules, changes, commands }: RoomTally, hours: number): string {
  const rate = hours > 0 ? `, ${(changes / hours).toFixed(1)} an hour` : '';
  const rows = rules.map((rule, index) => [`  rule ${index + 1}`, rule.scene, outcome(rule)]);
  return `\n${room}: ${changes} changes${rate}, ${commands} commands\n${table(rows)}`;
}

function outcome({ acted, inForce, moods, failed }: RuleTally): string {
  if (acted > 0) return `acted ${acted === 1 ? 'once' : `${acted} times`}, ${(inForce / 60_000).toFixed(1)} min in all`;
  const [most] = Object.entries(failed).sort(([, a], [, b]) => b - a);
  if (moods === 0) return 'never acted: the room had no mood';
  return most
    ? `never acted: of ${moods} moods, ${most[1]} failed first at ${most[0]}`
    : 'never acted: an earlier rule did, or it was not ripe';
}
