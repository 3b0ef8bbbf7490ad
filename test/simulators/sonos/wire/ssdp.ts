import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Household } from '../household/household.ts';
import type { Place, Player } from '../household/player.ts';
import { serverHeader } from './description.ts';
import { locationOf } from './zone-group-state.ts';

interface SsdpResponderOptions {
  household: Household;
  /** IPv4 address to be asked at; default 127.0.0.1. */
  address?: string;
  /** 1900 in a real home; default any free one. */
  port?: number;
}

const zonePlayer = 'urn:schemas-upnp-org:device:ZonePlayer:1';

/** Answers searches of the Simple Service Discovery Protocol for every player that has power, invisible ones too. */
export class SsdpResponder {
  readonly #options: SsdpResponderOptions;
  #socket: Socket | undefined;

  constructor(options: SsdpResponderOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { address = '127.0.0.1', port = 0 } = this.#options;
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.on('message', (message, from) => this.#answer(message.toString(), from));
    socket.bind(port, address);
    await once(socket, 'listening');
    this.#socket = socket;
  }

  get port(): number {
    return this.#socket?.address().port ?? 0;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #answer(message: string, from: RemoteInfo): void {
    const target = message.match(/^ST: *(.*?)\r?$/im)?.[1];
    if (!message.startsWith('M-SEARCH * HTTP/1.1') || !/^MAN: *"?ssdp:discover"?\r?$/im.test(message)) return;
    const { household } = this.#options;
    for (const player of household.players) {
      const types = ['upnp:rootdevice', `uuid:${player.uuid}`, zonePlayer].filter((type) => target === 'ssdp:all' || target === type);
      for (const type of player.place ? types : []) send(answer(player, { type, household }), { from: player.place, to: from });
    }
  }
}

/** From the address of the player itself, as a client may want to know where an answer comes from. */
function send(message: string, { from, to }: { from: Place | undefined; to: RemoteInfo }): void {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.bind(0, from?.host, () => socket.send(message, to.port, to.address, () => socket.close()));
}

function answer(player: Player, { type, household }: { type: string; household: Household }): string {
  const usn = type.startsWith('uuid:') ? type : `uuid:${player.uuid}::${type}`;
  return [
    'HTTP/1.1 200 OK',
    'CACHE-CONTROL: max-age = 1800',
    'EXT:',
    `LOCATION: ${player.place ? locationOf(player.place) : ''}`,
    `SERVER: ${serverHeader(player)}`,
    `ST: ${type}`,
    `USN: ${usn}`,
    `X-RINCON-HOUSEHOLD: ${household.id}`,
    `X-RINCON-BOOTSEQ: ${player.bootSeq}`,
    'X-RINCON-WIFIMODE: 0',
    'X-RINCON-VARIANT: 2',
    '',
    '',
  ].join('\r\n');
}
