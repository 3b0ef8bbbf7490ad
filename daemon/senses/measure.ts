import { setPriority } from 'node:os';
import { inOrder, knownModels } from './perception/models.ts';
import { measure } from './perception/tuning.ts';
import { desiredStateSchema } from './protocol.ts';

/** Entry of the process that times the networks for tuner.ts: told where they lie, it says what it found and ends. */
const LOWEST_PRIORITY = 19;

setPriority(LOWEST_PRIORITY);
process.once('message', async (raw) => {
  const { dirs, prefer } = desiredStateSchema.shape.models.parse(raw);
  const found = await measure(inOrder(await knownModels(dirs), prefer), dirs);
  process.send?.(found, undefined, undefined, () => process.exit());
});
process.on('disconnect', () => process.exit());
