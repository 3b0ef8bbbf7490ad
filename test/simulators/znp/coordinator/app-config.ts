import { deviceState, status, subsystem } from '../serial/names.ts';
import { type Commands, command, statusOnly } from './command.ts';
import type { Coordinator } from './coordinator.ts';
import { nvItem } from './stack.ts';

/** Commands of this subsystem. */
const appConfig = {
  addInstallCode: 0x04,
  startCommissioning: 0x05,
  setChannel: 0x08,
  requireKeyExchange: 0x09,
} as const;

const mode = { none: 0, steering: 0x02, formation: 0x04 } as const;
const outcome = { success: 0, inProgress: 1, formationFailure: 8, restored: 0x0d } as const;

/** How often the state "starting as coordinator" is told while the channel is scanned. */
const startingTold = 4;

/** MT_APP_CONFIG: commissioning as the base device behavior has it. */
export function appConfigCommands(coordinator: Coordinator): Commands {
  let channels = 0;
  const notify = (result: number, done: number, remaining: number) =>
    coordinator.indicate(subsystem.appConfig, 0x80, Buffer.from([result, done, remaining]));

  function form(): void {
    if (coordinator.stack.network) {
      coordinator.resume();
      notify(outcome.restored, mode.none, mode.formation);
      notify(outcome.success, mode.formation, mode.none);
      return;
    }
    coordinator.changeState(deviceState.coordinatorStarting);
    notify(outcome.inProgress, mode.steering, mode.formation);
    for (let told = 1; told < startingTold; told++) coordinator.changeState(deviceState.coordinatorStarting);
    const wanted = channels || (coordinator.options.nv.get(nvItem.channels)?.readUInt32LE() ?? 0);
    const formed = coordinator.stack.form(wanted);
    if (formed) coordinator.changeState(deviceState.coordinator);
    notify(formed ? outcome.success : outcome.formationFailure, mode.steering, mode.none);
  }

  return {
    [appConfig.addInstallCode]: command({ format: 'u8', ieee: 'ieee', code: 'rest' }, ({ format, code }) => {
      const isWhole = (format === 1 && code.length === 18) || (format === 2 && code.length === 16);
      return statusOnly(isWhole ? status.success : status.invalidParameter);
    }),
    [appConfig.startCommissioning]: command({ mode: 'u8' }, ({ mode: wanted }) => {
      if (wanted & mode.formation) form();
      if (wanted & mode.steering) {
        coordinator.zdo.permitJoin(180);
        notify(outcome.success, mode.steering, mode.none);
      }
      return statusOnly(status.success);
    }),
    [appConfig.setChannel]: command({ isPrimary: 'u8', channels: 'u32' }, (asked) => {
      if (asked.isPrimary) channels = asked.channels;
      return statusOnly(status.success);
    }),
    [appConfig.requireKeyExchange]: command({ required: 'u8' }, () => statusOnly(status.success)),
  };
}
