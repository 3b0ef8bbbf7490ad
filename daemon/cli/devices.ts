import { once } from 'node:events';
import type { AdapterView, DiscoveryView, PairedView } from '../api/devices.ts';
import { render } from '../api/render.ts';
import type { HouseView } from '../api/views.ts';
import { type Arguments, usage } from './arguments.ts';
import { type Ask, withHub } from './hub-client.ts';
import { table } from './table.ts';

const SUBCOMMANDS: Record<string, { operands: readonly number[]; run: (ask: Ask, operands: string[]) => Promise<void> }> = {
  list: { operands: [0], run: list },
  discover: { operands: [0], run: discover },
  scenes: { operands: [0], run: scenes },
  pair: { operands: [1, 2], run: pair },
  identify: { operands: [1], run: identify },
  forget: { operands: [1], run: forget },
};

/** `roomtone devices list | discover | scenes | pair ADAPTER [HOST] | identify ID | forget ID`, by the hub that runs. */
export async function devices({ operands: [name = 'list', ...operands], data }: Arguments): Promise<void> {
  const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (!subcommand) throw usage(`"devices" knows ${Object.keys(SUBCOMMANDS).join(', ')}`);
  if (!subcommand.operands.includes(operands.length)) {
    throw usage(`"devices ${name}" takes ${subcommand.operands.map((count) => count || 'no').join(' or ')} argument(s)`);
  }
  await withHub(data, (ask) => subcommand.run(ask, operands));
}

async function list(ask: Ask): Promise<void> {
  const { devices: all } = await ask<HouseView>('GET', '/api/house');
  const rows = all.map(({ id, name, available, rooms, model = '' }) => [
    id,
    available ? 'there' : 'away',
    rooms.join(', ') || '-',
    name,
    model,
  ]);
  process.stdout.write(table([['ID', 'STATE', 'ROOMS', 'NAME', 'MODEL'], ...rows]));
}

async function discover(ask: Ask): Promise<void> {
  process.stderr.write('Looking around the network...\n');
  const { candidates, hidden, failed } = await ask<DiscoveryView>('POST', '/api/discover');
  for (const { code, params } of failed) process.stderr.write(`${render(code, params)}\n`);
  const found = candidates.map(({ adapter, host, name, paired }) => [adapter, host, paired ? 'paired' : 'new', name]);
  const forgotten = hidden.map(({ id, name }) => [id.slice(0, id.indexOf(':')), id, 'forgotten', name]);
  if (found.length + forgotten.length === 0) return void process.stdout.write('Nothing was found.\n');
  process.stdout.write(table([['ADAPTER', 'HOST', 'STATE', 'NAME'], ...found, ...forgotten]));
}

async function scenes(ask: Ask): Promise<void> {
  const made = (await ask<AdapterView[]>('GET', '/api/adapters')).flatMap((adapter) => adapter.scenes);
  if (made.length === 0) return void process.stdout.write('No scenes were made elsewhere.\n');
  process.stdout.write(table([['FROM', 'ROOM', 'NAME'], ...made.map(({ id, room = '-', name }) => [id, room, name])]));
}

async function pair(ask: Ask, [adapter = '', host = '']: string[]): Promise<void> {
  const family = (await ask<AdapterView[]>('GET', '/api/adapters')).find(({ id }) => id === adapter);
  const acts = { 'link-button': `Press the link button of the bridge at ${host}`, join: 'Make the device join', none: `Trying ${host}` };
  const countdown = new Countdown(acts[family?.pairing?.act ?? 'none'], family?.pairing?.patience ?? 0);
  const givenUp = new AbortController();
  once(process, 'SIGINT').then(() => givenUp.abort(usage('called off')));
  try {
    const { name, id } = await ask<PairedView>('POST', `/api/adapters/${encodeURIComponent(adapter)}/pair`, {
      body: { host },
      signal: givenUp.signal,
    });
    countdown.end();
    process.stdout.write(`Paired with ${name} (${id}).\n`);
  } finally {
    countdown.end();
  }
}

async function identify(ask: Ask, [id = '']: string[]): Promise<void> {
  await ask('POST', `/api/devices/${encodeURIComponent(id)}/identify`);
  process.stdout.write(`${id} shows itself.\n`);
}

async function forget(ask: Ask, [id = '']: string[]): Promise<void> {
  await ask('DELETE', `/api/devices/${encodeURIComponent(id)}`);
  process.stdout.write(`${id} is forgotten.\n`);
}

/** Seconds left, for the eye: the hub says when it is over. */
class Countdown {
  readonly #timer: NodeJS.Timeout;
  #left: number;
  #ended = false;

  constructor(act: string, seconds: number) {
    this.#left = seconds;
    const show = (): void => {
      process.stderr.write(`\r${act}: ${this.#left} s left \x1b[K`);
      this.#left = Math.max(0, this.#left - 1);
    };
    show();
    this.#timer = setInterval(show, 1000);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    process.stderr.write('\n');
  }
}
