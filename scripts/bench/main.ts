/**
 * npm run bench [-- --only PREFIX] [--json FILE] [--quick]
 *
 * Every figure with its target, measured on this machine, now. --quick takes fewer samples, to try the benchmarks out.
 */
import { parseArgs } from 'node:util';
import { type Benchmark, type Figure, printTable, writeJson } from './report.ts';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, json: { type: 'string' }, quick: { type: 'boolean', default: false } },
});

const benchmarks: Record<string, () => Promise<Benchmark>> = {
  'hub.start': async () => (await import('./start.ts')).start,
  'hub.pss': async () => (await import('./memory.ts')).memory,
  'frame.overhead': async () => (await import('./frame-overhead.ts')).frameOverhead,
  'stage.decode': async () => (await import('./decode.ts')).decode,
  'stage.face': async () => (await import('./face-stages.ts')).faceStages,
  room: async () => (await import('./room.ts')).room,
  'memory.growth': async () => (await import('./memory-growth.ts')).memoryGrowth,
  'stage.voice': async () => (await import('./voice.ts')).voiceStage,
  'voice.segment': async () => (await import('./voice.ts')).voiceSegment,
  'stage.text': async () => (await import('./text.ts')).textStage,
  'text.message': async () => (await import('./text.ts')).textMessage,
  'frame.to_command': async () => (await import('./frame-to-command.ts')).frameToCommand,
  'hue.claims': async () => (await import('./hue-claims.ts')).hueClaims,
  'hue.latency': async () => (await import('./hue-latency.ts')).hueLatency,
  'sonos.latency': async () => (await import('./sonos-latency.ts')).sonosLatency,
  'sonos.restore': async () => (await import('./sonos-restore.ts')).sonosRestore,
  'zigbee.claims': async () => (await import('./zigbee-claims.ts')).zigbeeClaims,
  'zigbee.memory': async () => (await import('./zigbee-memory.ts')).zigbeeMemory,
  'zigbee.unplugged': async () => (await import('./zigbee-unplugged.ts')).zigbeeUnplugged,
  brain: async () => (await import('./brain.ts')).brain,
  phone: async () => (await import('./phone.ts')).phone,
};

const figures: Figure[] = [];
for (const [name, load] of Object.entries(benchmarks)) {
  if (!name.startsWith(values.only)) continue;
  const progress = (text: string): void => {
    process.stderr.write(`\r\x1b[K${name}: ${text}`);
  };
  figures.push(...(await (await load()).run({ progress, quick: values.quick })));
  process.stderr.write('\r\x1b[K');
}
printTable(figures);
if (values.json) writeJson(values.json, figures);
