import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Daemon } from '../../test/helpers/daemon.ts';
import { alternatingFilm } from '../../test/helpers/media.ts';
import type { BridgeAnswers, BridgeAtWork } from './hue-bridge.ts';
import { type Benchmark, overRepeats, quantile } from './report.ts';

/** Each face is shown this long, s: longer than the least time between two changes that a mood brings about. */
const TURN = 2;

/** From a frame to the bridge: how soon a lamp hears of a face that changed the mood. */
export const frameToCommand: Benchmark = {
  async run({ progress, quick }) {
    const repeats = quick ? 1 : 5;
    const changes = quick ? 5 : 20;
    const video = alternatingFilm({ turns: 10, seconds: TURN, fps: 15 });
    const worst: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      progress(`repeat ${repeat + 1} of ${repeats}, ${changes} changes`);
      worst.push(quantile(await measure(video, changes), 0.95));
    }
    return [
      {
        name: 'frame.to_command_p95_ms',
        ...overRepeats(worst),
        unit: 'ms',
        target: 150,
        better: 'lower',
        n: repeats * changes,
        definition: `95th percentile of ${changes} changes, median of ${repeats} runs: last byte of the frame whose observation changed the winning claim to the first byte on the socket of the Hue bridge (a simulator at the wire, in its own process); dwell and smoothing 0, 15 fps; matched by the observation's id`,
      },
    ];
  },
};

async function measure(video: string, changes: number): Promise<number[]> {
  const bridge = fork(fileURLToPath(new URL('./hue-bridge.ts', import.meta.url)));
  const [{ address, bridgeId, lights }] = (await once(bridge, 'message')) as [BridgeAtWork];
  const device = `hue:${bridgeId.toLowerCase()}.${lights[0]}`;
  const daemon = await Daemon.start({ config: configuration({ video, address, device }), args: ['--log', 'debug'] });
  try {
    await daemon.post('/api/adapters/hue/pair', { host: address });
    await daemon.houseWhen(({ devices }) => devices.some(({ id, available }) => id === device && available));
    await daemon.put('/api/rooms/study/mode', { mode: 'auto' });
    await daemon.printed(new RegExp(`(?:"command_sent"[\\s\\S]*?){${changes}}`));
    const answer = once(bridge, 'message');
    bridge.send('commands');
    const [{ commands }] = (await answer) as [Pick<BridgeAnswers, 'commands'>];
    const frames = sentTriggers(daemon.output);
    return commands.slice(0, frames.length).flatMap(({ firstByteAt }, index) => {
      const frameAt = frames[index];
      return frameAt === undefined || frameAt === null ? [] : [firstByteAt - frameAt];
    });
  } finally {
    await daemon.close();
    bridge.disconnect();
  }
}

/** When the frame behind each command sent was whole, in the order of sending; null for a command that no frame set off. */
function sentTriggers(output: string): (number | null)[] {
  const lines = output.split('\n').filter((line) => line.includes('"event":"command_sent"'));
  return lines.map((line) => {
    const { trigger } = JSON.parse(line) as { trigger?: string };
    const stamp = trigger?.split('.')[1];
    return stamp === undefined ? null : Number.parseInt(stamp, 36) / 1000;
  });
}

const configuration = ({ video, address, device }: { video: string; address: string; device: string }): string => `version: 1
http: { port: 0 }
mqtt: { listen: { port: 0 } }
mood: { smoothing: 0s, dwell: 0s }
limits: { minBetween: 0s, changesPerHour: 3600 }
adapters: { hue: { bridges: [{ host: "${address}" }] } }
rooms:
  study:
    sources: [{ id: cam, kind: camera, url: "file:${video}", fps: 15 }]
    devices: ["${device}"]
`;
