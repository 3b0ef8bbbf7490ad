import type { SimulatorClock } from '../../hue/clock.ts';
import type { Random, Span } from '../../hue/random.ts';
import type { Catalog } from './media.ts';
import { type Generation, type ModelName, models } from './models.ts';
import { Queue } from './queue.ts';
import { Transport } from './transport.ts';
import { Volume } from './volume.ts';

/** What ties an invisible player to the one that speaks for its room. */
export interface Bond {
  kind: 'stereo' | 'theater';
  primary: Player;
  /** What it plays: `RF,RF` of a pair, `LR`, `RR` or `SW` behind a soundbar. */
  channels: string;
}

export interface Place {
  host: string;
  port: number;
}

export interface PlayerOptions {
  /** Of the room, which all players of a bond share. */
  name: string;
  icon: string;
  model: ModelName;
  generation: Generation;
  /** Counts the players of a household; identities follow from it. */
  number: number;
  volume: number | 'fixed';
  bond?: Bond;
  clock: SimulatorClock;
  random: Random;
  catalog: Catalog;
  transition: () => Span;
  fetch?: (uri: string) => Promise<boolean>;
  onChange: () => void;
}

/** One box of Sonos: its identity, how loud it is, its queue, and the transport that plays while it leads a group. */
export class Player {
  name: string;
  icon: string;
  bootSeq = 41;
  bass = 0;
  treble = 0;
  loudness = true;
  readonly eq = new Map<string, number>();
  /** Just powered: its queue takes nothing before its transport was set to something. */
  isFresh = false;
  readonly model: ModelName;
  readonly generation: Generation;
  readonly mac: string;
  readonly uuid: string;
  readonly serial: string;
  readonly volume: Volume;
  readonly queue = new Queue();
  readonly transport: Transport;
  readonly bond: Bond | undefined;
  /** Invisible players that belong to this one. */
  readonly partners: Player[] = [];
  /** On the network; undefined while it has no power. */
  place: Place | undefined;

  constructor(options: PlayerOptions) {
    const { name, icon, model, generation, number, bond, clock } = options;
    this.name = name;
    this.icon = icon;
    this.model = model;
    this.generation = generation;
    this.mac = `5CAAFD${number.toString(16).toUpperCase().padStart(6, '0')}`;
    this.uuid = `RINCON_${this.mac}01400`;
    this.serial = `${pairs(this.mac, '-')}:${number % 10}`;
    this.bond = bond;
    bond?.primary.partners.push(this);
    this.volume = new Volume({ clock, level: options.volume, onStep: options.onChange });
    this.transport = new Transport({ ...options, queue: this.queue });
  }

  get isVisible(): boolean {
    return this.bond === undefined && !this.isBridge;
  }

  /** Carries the network of the others and plays nothing. */
  get isBridge(): boolean {
    return this.model === 'Boost';
  }

  /** The player that speaks for its room. */
  get primary(): Player {
    return this.bond?.primary ?? this;
  }

  get hasTv(): boolean {
    return models[this.model].hasTv;
  }

  get hasLineIn(): boolean {
    return models[this.model].hasLineIn;
  }

  get ownQueueUri(): string {
    return `x-rincon-queue:${this.uuid}#0`;
  }

  /** `94:9F:00:68:00:A9` */
  get macAddress(): string {
    return pairs(this.mac, ':');
  }

  close(): void {
    this.volume.close();
    this.transport.close();
  }
}

const pairs = (digits: string, separator: string): string => (digits.match(/../g) ?? []).join(separator);
