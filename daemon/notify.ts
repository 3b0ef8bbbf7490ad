import { spawn } from 'node:child_process';
import type { Logger } from 'pino';
import type { Clock, Timer } from './api/clock.ts';

/**
 * Tells systemd that the hub is ready, alive and stopping (sd_notify(3)), by way of systemd-notify(1), since Node has no
 * unix datagram socket. Without NOTIFY_SOCKET in the environment it does nothing.
 */
export class SystemdNotifier {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #env: NodeJS.ProcessEnv;
  #watchdog: Timer | undefined;

  constructor(options: { log: Logger; clock: Clock; env: NodeJS.ProcessEnv }) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#env = options.env;
  }

  ready(): void {
    this.#send('READY=1');
    const budget = Number(this.#env.WATCHDOG_USEC) / 1000;
    if (budget > 0) this.#watchdog ??= this.#clock.every(budget / 2, () => this.#send('WATCHDOG=1'));
  }

  stopping(): void {
    this.#watchdog?.cancel();
    this.#send('STOPPING=1');
  }

  #send(state: string): void {
    if (!this.#env.NOTIFY_SOCKET) return;
    const child = spawn('systemd-notify', [state], { stdio: 'ignore' });
    child.on('error', (error) => this.#log.warn({ err: error }, 'systemd-notify could not be run'));
  }
}
