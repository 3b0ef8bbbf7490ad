import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { HouseView } from '../../daemon/api/views.ts';
import { PASSWORD, setPassword } from '../../test/helpers/daemon.ts';
import { film } from '../../test/helpers/media.ts';
import { type Benchmark, overRepeats } from './report.ts';

const root = resolve(import.meta.dirname, '../..');

/** From `npm start` to a panel that answers, and to the first mood of a video file. */
export const start: Benchmark = {
  async run({ progress, quick }) {
    const repeats = quick ? 2 : 7;
    const video = film({ seconds: 20, fps: 15 });
    const panel: number[] = [];
    const mood: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`start ${repeat + 1} of ${repeats}`);
      const measured = await startOnce(video);
      panel.push(measured.panel);
      mood.push(measured.mood);
    }
    return [
      {
        name: 'hub.start_to_panel_ms',
        ...overRepeats(panel),
        unit: 'ms',
        target: 3000,
        better: 'lower',
        n: repeats,
        definition: 'exec of `npm start` to 200 on / and on /api/health with ready true; configuration with one video file as camera',
      },
      {
        name: 'hub.start_to_mood_ms',
        ...overRepeats(mood),
        unit: 'ms',
        target: 6000,
        better: 'lower',
        n: repeats,
        definition: 'exec of `npm start` to the first mood of the room whose camera is a video file, as the API gives it',
      },
    ];
  },
};

async function startOnce(video: string): Promise<{ panel: number; mood: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'roomtone-bench-'));
  const [http, mqtt] = await freePorts(2);
  writeFileSync(
    join(dir, 'roomtone.yaml'),
    `version: 1
http: { port: ${http} }
mqtt: { listen: { port: ${mqtt} } }
adapters: { virtual: {} }
rooms:
  study:
    sources: [{ id: cam, kind: camera, url: "file:${video}" }]
    devices: [virtual:lamp]
`,
  );
  await setPassword(dir);
  const began = performance.now();
  const child = spawn('npm', ['start', '--silent', '--', '--config', join(dir, 'roomtone.yaml'), '--data', dir], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  try {
    const url = `http://127.0.0.1:${http}`;
    await until(async () => (await fetch(`${url}/`)).ok && (await fetch(`${url}/api/health`)).ok);
    const panel = performance.now() - began;
    const login = await fetch(`${url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: PASSWORD }),
    });
    const cookie = (login.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    await until(async () => {
      const house = (await (await fetch(`${url}/api/house`, { headers: { cookie } })).json()) as HouseView;
      return house.rooms[0]?.mood != null && house.rooms[0].mood.contributions.length > 0;
    });
    return { panel, mood: performance.now() - began };
  } finally {
    const ended = once(child, 'exit');
    process.kill(-(child.pid as number), 'SIGINT');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Asks every 10 ms, for a minute at most. */
async function until(probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await probe().catch(() => false))) {
    if (performance.now() > deadline) throw new Error('the hub did not get there within a minute');
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) server.close();
  return ports;
}
