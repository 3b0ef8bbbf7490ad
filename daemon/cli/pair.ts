import { once } from 'node:events';
import { adapterModules } from '../../adapters/index.ts';
import { systemClock } from '../api/clock.ts';
import { RoomtoneError } from '../api/errors.ts';
import { silentNetwork } from '../devices/discovery.ts';
import { folderOf } from '../house/folder.ts';
import type { Arguments } from './arguments.ts';
import { createLog } from './log.ts';
import { withStore } from './store.ts';

/**
 * `roomtone pair ADAPTER HOST`: waits for the person's act on the device and keeps the credentials in the vault. A hub that
 * runs finds them when it next tries the device.
 */
export async function pair({ operands: [adapter = '', host = ''], data, log: level }: Arguments): Promise<void> {
  const module = await adapterModules[adapter]?.();
  if (!module?.pair) throw new RoomtoneError(module ? 'adapter.no_pairing' : 'adapter.unknown', { params: { adapter } });
  const { pair: pairing } = module;
  const givenUp = new AbortController();
  once(process, 'SIGINT').then(() => givenUp.abort());
  const onProgress = ({ secondsLeft }: { secondsLeft: number }) =>
    void process.stderr.write(`\rPress the link button of the bridge at ${host}: ${Math.ceil(secondsLeft)} s left \x1b[K`);
  const paired = await withStore(data, async (store) => {
    const log = createLog(level, process.stderr);
    return pairing(
      { host, signal: givenUp.signal, onProgress },
      {
        ...{ log, clock: systemClock, random: Math.random, vault: store.vault.scoped(adapter), state: store.state },
        discovery: silentNetwork,
        folder: () => folderOf(data, adapter),
      },
    );
  });
  process.stderr.write(`\nPaired with ${paired.name} (${paired.id}).\n`);
  process.exit();
}
