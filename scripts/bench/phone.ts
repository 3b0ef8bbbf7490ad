import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { systemClock } from '../../daemon/api/clock.ts';
import { Senses } from '../../daemon/senses/supervisor.ts';
import { Daemon, eventually, processTree } from '../../test/helpers/daemon.ts';
import { shared } from '../../test/helpers/needs.ts';
import { cpuSeconds, udpSockets } from '../../test/helpers/processes.ts';
import { WhipDevice } from '../../test/helpers/whip.ts';
import { type Benchmark, overRepeats, quantile } from './report.ts';

const VGA = { width: 640, height: 480 };

/** What a phone as camera and microphone costs, and how soon it tells something. */
export const phone: Benchmark = {
  async run({ progress, quick }) {
    const repeats = quick ? 1 : 3;
    const latencies: number[] = [];
    const readings = quick ? 50 : 200;
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`latency ${repeat + 1} of ${repeats}`);
      latencies.push(quantile(await frameToObservation(readings), 0.95));
    }
    const daemon = await Daemon.start({ config: CONFIGURATION });
    try {
      const { token } = await daemon.post<{ token: string }>('/api/sources/tablet/tokens', { name: 'bench' });
      const device = () => new WhipDevice({ url: `${daemon.url}/api/sources/tablet/whip`, headers: { authorization: `Bearer ${token}` } });
      const firsts: number[] = [];
      for (let repeat = 0; repeat < repeats; repeat++) {
        progress(`first mood ${repeat + 1} of ${repeats}`);
        firsts.push(await publishToFirstMood(daemon, device()));
      }
      const seconds = quick ? 10 : 30;
      progress(`CPU over ${seconds} s`);
      const cpu = await cpuPercent({ daemon, device: device(), seconds });
      const connects = quick ? 10 : 100;
      const leaked = await leakedConnections({ daemon, connects, progress });
      return [
        {
          name: 'phone.frame_to_observation_p95_ms',
          ...overRepeats(latencies),
          unit: 'ms',
          target: 150,
          better: 'lower',
          n: repeats * readings,
          definition: `95th percentile of ${readings} observations, median of ${repeats} runs: a decoded picture handed over by the WebRTC library to its observation parsed in the hub; 640x480 at 10 fps, one face`,
        },
        {
          name: 'phone.cpu_percent_5fps',
          value: cpu,
          unit: '% of one core',
          target: 40,
          better: 'lower',
          n: 1,
          definition: `hub and senses over ${seconds} s, a device sending 640x480 at 5 fps (a face that moves) and speech`,
        },
        {
          name: 'phone.publish_to_first_mood_ms',
          ...overRepeats(firsts),
          unit: 'ms',
          target: 5000,
          better: 'lower',
          n: repeats,
          definition: 'offer of a device to the first mood of the room that it contributed to, in the live stream; senses running',
        },
        {
          name: 'phone.leaked_connections',
          value: leaked,
          unit: 'UDP sockets',
          target: 0,
          better: 'lower',
          n: connects,
          definition: `UDP sockets of the senses beyond those before, after ${connects} connections, every other ended by the device and every other by its death; ${LANES.length} devices at a time`,
        },
      ];
    } finally {
      await daemon.close();
    }
  },
};

/** Sources that connections are made to, at the same time: a source takes 20 offers at once, and then one a second. */
const LANES = ['one', 'two', 'three', 'four', 'five'];

const CONFIGURATION = `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
adapters: { virtual: {} }
rooms:
  study:
    sources: [{ id: tablet, kind: phone }]
    devices: [virtual:lamp]
  shelf:
    sources: [${LANES.map((id) => `{ id: ${id}, kind: phone }`).join(', ')}]
`;

/** The senses alone, behind as much of WHIP as it takes: what they tell is stamped when the picture came. */
async function frameToObservation(readings: number): Promise<number[]> {
  const senses = new Senses({ log: pino({ level: 'silent' }), clock: systemClock });
  senses.apply({
    sources: [{ kind: 'phone', id: 'tablet', room: 'bench', fps: 10, ...VGA, masks: [], interfaces: [] }],
    models: { dirs: [fileURLToPath(new URL('../../models', import.meta.url)), shared('models')], threads: 1 },
  });
  const server = createServer(async (request, response) => {
    const answer = await senses.signal({ source: 'tablet', session: 'bench', words: { kind: 'offer', sdp: await text(request) } });
    response.writeHead(201, { location: '/bench', 'content-type': 'application/sdp' }).end(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const device = new WhipDevice({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, headers: {}, audio: false });
  try {
    await device.show({ ...VGA, fps: 10 });
    await device.publish();
    const latencies: number[] = [];
    await new Promise<void>((resolve) => {
      senses.events.on('observation', (observation) => {
        if (observation.modality === 'face') latencies.push(systemClock.mono() - observation.at);
        if (latencies.length >= readings) resolve();
      });
    });
    return latencies;
  } finally {
    await device.kill();
    server.closeAllConnections();
    server.close();
    await senses.close();
  }
}

async function publishToFirstMood(daemon: Daemon, device: WhipDevice): Promise<number> {
  await daemon.roomWhen('study', ({ sources }) => sources[0]?.state === 'waiting');
  await device.show(VGA);
  await device.say();
  const since = Date.now();
  const first = daemon.mood('study', ({ at, contributions }) => at >= since && contributions.length > 0);
  const began = performance.now();
  await device.publish();
  await first;
  const took = performance.now() - began;
  await device.remove();
  await device.kill();
  return took;
}

async function cpuPercent({ daemon, device, seconds }: { daemon: Daemon; device: WhipDevice; seconds: number }): Promise<number> {
  await device.show({ ...VGA, fps: 5 });
  await device.say();
  await device.publish();
  await daemon.roomWhen('study', ({ sources }) => (sources[0]?.rate ?? 0) > 0);
  const pids = processTree(daemon.pid).map(({ pid }) => pid);
  const before = { cpu: cpuSeconds(pids), at: performance.now() };
  await new Promise((resume) => setTimeout(resume, seconds * 1000));
  const used = cpuSeconds(pids) - before.cpu;
  const passed = (performance.now() - before.at) / 1000;
  await device.remove();
  await device.kill();
  return (100 * used) / passed;
}

interface Leaking {
  daemon: Daemon;
  connects: number;
  progress: (text: string) => void;
}

async function leakedConnections({ daemon, connects, progress }: Leaking): Promise<number> {
  const { token } = await daemon.post<{ token: string }>('/api/tokens', { name: 'bench' });
  const pid = daemon.senses ?? 0;
  const before = udpSockets(pid);
  let count = 0;
  const connect = async (device: WhipDevice): Promise<void> => {
    progress(`connection ${++count} of ${connects}`);
    const { status, body } = await device.publish({ query: '?takeOver=true' });
    if (status !== 201) throw new Error(`${status} ${body}`);
    await device.connected();
  };
  const fill = async (source: string): Promise<void> => {
    for (let pair = 0; pair < connects / 2 / LANES.length; pair++) {
      const headers = { authorization: `Bearer ${token}` };
      const device = new WhipDevice({ url: `${daemon.url}/api/sources/${source}/whip`, headers });
      await device.show(VGA);
      await connect(device);
      await device.remove();
      await device.renew();
      await connect(device);
      await device.kill();
    }
  };
  await Promise.all(LANES.map(fill));
  await daemon.roomWhen('shelf', ({ sources }) => sources.every(({ publisher }) => publisher === undefined));
  await eventually(() => udpSockets(pid) <= before, 10_000, 'connections end').catch(() => {});
  return daemon.senses === pid ? udpSockets(pid) - before : Number.NaN;
}
