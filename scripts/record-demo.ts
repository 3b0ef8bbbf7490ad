/**
 * Records config/demo.jsonl: what the real senses say of a short film, numbers only. Run again after a change of models.
 *
 *   node scripts/record-demo.ts MEDIA      where MEDIA holds the pictures and the speech named below
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../daemon/api/clock.ts';
import { formatLogEntry, formatLogHeader } from '../daemon/mood/log.ts';
import type { Observation } from '../daemon/mood/observation.ts';
import { Senses } from '../daemon/senses/supervisor.ts';

const media = resolve(process.argv[2] ?? '../shared/media');
const models = ['models', join(media, '../models')].map((dir) => resolve(dir));

/** Seconds each picture is shown, with an empty room before, between and after. */
const PICTURES = [
  ['astronaut.png', 12],
  ['obama_and_biden.jpg', 10],
  ['biden.jpg', 10],
  ['astronaut.png', 8],
] as const;
const EMPTY = 5;
const SECONDS = PICTURES.reduce((sum, [, seconds]) => sum + seconds + EMPTY, EMPTY);

const dir = mkdtempSync(join(tmpdir(), 'roomtone-demo-'));
const film = join(dir, 'film.mp4');
const inputs = PICTURES.flatMap(([file, seconds]) => ['-loop', '1', '-t', String(seconds), '-i', join(media, file)]);
const empty = `color=c=0x303030:s=640x360:r=10:d=${EMPTY},setsar=1`;
const parts = PICTURES.map(
  (_, index) =>
    `[${index}:v]scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:-1:-1,fps=10,setsar=1,format=yuv420p[p${index}];${empty}[e${index}]`,
);
const order = PICTURES.map((_, index) => `[e${index}][p${index}]`).join('');
const graph = `${parts.join(';')};${empty}[last];${order}[last]concat=n=${PICTURES.length * 2 + 1}:v=1:a=0[v]`;
execFileSync('ffmpeg', ['-v', 'error', ...inputs, '-filter_complex', graph, '-map', '[v]', '-pix_fmt', 'yuv420p', '-y', film]);

const senses = new Senses({ log: pino({ level: 'warn' }), clock: systemClock });
const observations: Observation[] = [];
senses.events.on('observation', (observation) => {
  observations.push(observation);
  process.stderr.write(`\r${observations.length} observations`);
});
senses.apply({
  sources: [
    { kind: 'camera', id: 'camera', room: 'demo', url: `file:${film}`, fps: 2, width: 640, height: 360, masks: [] },
    { kind: 'microphone', id: 'microphone', room: 'demo', url: `file:${join(media, 'jfk.flac')}` },
  ],
  models: { dirs: models, threads: 1 },
});
const started = await new Promise<number>((heard) => senses.events.once('observation', ({ at }) => heard(at)));
await new Promise((done) => systemClock.after(SECONDS * 1000, () => done(undefined)));
await senses.close();
rmSync(dir, { recursive: true });

const entries = observations.map((observation) =>
  formatLogEntry({ observation: { ...observation, at: Math.round(observation.at - started) } }),
);
writeFileSync('config/demo.jsonl', formatLogHeader() + entries.join(''));
process.stderr.write(`\n${entries.length} observations over ${SECONDS} s in config/demo.jsonl\n`);
