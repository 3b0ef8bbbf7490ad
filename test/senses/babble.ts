/** Stands in for senses that a hostile stream has taken over: sends what no honest one would, then proves that it lives. */
const observation = {
  ...{ v: 1, id: 'cam#1', room: 'den', source: 'cam', modality: 'voice', at: 1, confidence: 1, quality: 1, speech: true },
};
const nonsense: unknown[] = [
  null,
  42,
  'x'.repeat(100_000),
  { type: 'frame', pixels: [1, 2, 3] },
  { type: 'observation', observation: { ...observation, confidence: 7 } },
  { type: 'observation', observation: { ...observation, room: '../../etc' } },
  { type: 'source', source: 'cam', state: 'live', problem: { code: 'made.up', params: {} }, rate: 1, dropped: 0, pid: 1 },
];
/** Well formed, but of a source that nobody asked for, and of one in another room. */
const foreign = [
  { type: 'observation', observation: { ...observation, source: 'bedroom-cam' } },
  { type: 'observation', observation: { ...observation, room: 'bedroom' } },
  { type: 'source', source: 'bedroom-cam', state: 'live', problem: null, rate: 1, dropped: 0, pid: 1 },
];

process.on('message', (message: { type: string; revision: number }) => {
  if (message.type === 'shutdown') process.exit();
  for (const each of [...nonsense, ...foreign, { type: 'observation', observation }]) process.send?.(each);
  process.send?.({ type: 'heartbeat', at: 1, applied: message.revision, dropped: 0 });
});
process.send?.({ type: 'ready', v: 1, pid: process.pid });
