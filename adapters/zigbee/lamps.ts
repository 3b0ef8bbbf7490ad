import type { Models } from 'zigbee-herdsman';
import type { Clock, Timer } from '../../daemon/api/clock.ts';
import { RoomtoneError } from '../../daemon/api/errors.ts';
import type { Command, GroupCommand, Report } from '../../daemon/devices/command.ts';
import type { AttributeName, Attributes, DeviceId } from '../../daemon/devices/device.ts';
import type { Told } from '../../daemon/devices/told.ts';
import { within } from '../../daemon/devices/within.ts';
import type { Chores } from './chores.ts';
import { attributesIn, type Frame, framesFor, type LightCluster, readsFor, type Standing, type Traits } from './light.ts';
import type { Part, ZigbeeNode } from './node.ts';
import { tell } from './translate.ts';

type Stack = typeof import('./stack.ts');

export interface LampTimings {
  /** ms until an answer must be there */
  answerWithin: number;
  /** ms after the end of a command's transition by which a lamp has reported it, if it ever does: it is read then */
  readAfter: number;
}

export interface LampsOptions {
  clock: Clock;
  timings: LampTimings;
  told: Told;
  chores: Chores;
  /** Undefined while the coordinator is away. */
  stack: () => Stack | undefined;
  /** Aborts when the connection there is now ends. */
  signal: () => AbortSignal;
  /** It did not take a command. */
  onDoubt: (device: DeviceId) => void;
  /** A lamp was found to know one transition at a time. */
  onOneTransition: (device: DeviceId) => void;
}

/** A lamp and what is going on with it. */
interface Busy {
  /** It fades to off until this moment; what it says of its brightness means nothing. */
  fadesOffUntil: number;
  /** % before it was faded to off. */
  before: number | undefined;
  /** Its color was commanded until this moment: the mode of it is known. */
  colorKnownUntil: number;
  /** Of the commands since it was read last. */
  wished: Attributes;
  /** When all that was wished must be there. */
  dueAt: number;
  reading: Map<LightCluster, Report['kind']>;
  timer?: Timer;
  /** Half of a color was reported: the other half must follow, or is asked for. */
  half?: { of: 'x' | 'y'; timer: Timer };
}

/** ms in which the other half of a color follows, where a lamp reports them one by one. */
const HALF = 200;

/** ms by which reports may come after what they tell. */
const LATE = 1500;

const IDENTIFY_S = 3;

/** Commands lamps and plugs, and understands what they say. */
export class Lamps {
  readonly #options: LampsOptions;
  readonly #busy = new Map<DeviceId, Busy>();

  constructor(options: LampsOptions) {
    this.#options = options;
  }

  /** The coordinator is away, or a lamp is. */
  clear(device?: DeviceId): void {
    for (const [id, busy] of this.#busy) {
      if (device !== undefined && id !== device) continue;
      busy.timer?.cancel();
      busy.half?.timer.cancel();
      this.#busy.delete(id);
    }
  }

  /** @throws RoomtoneError */
  async apply(node: ZigbeeNode, part: Part, command: Command, signal: AbortSignal): Promise<void> {
    const { stack } = this.#options;
    const { traits, endpoint } = part;
    if (!traits) return;
    const frames = part.isPlain ? framesFor(command, traits, this.#standing(part, command)) : [];
    const begin = this.#expect(command);
    try {
      for (const frame of frames) await this.#send(part, frame, signal);
      if (!part.isPlain) await this.#limited(part.id, signal, () => tell(node, part, command));
    } catch (error) {
      const failure = stack()?.toDeviceError(error, part.id) ?? error;
      if (failure instanceof RoomtoneError && failure.code !== 'device.refused' && failure.code !== 'device.rate_limited')
        this.#options.onDoubt(part.id);
      throw failure;
    }
    begin();
    this.#taken(part, traits, command);
    noteColorMode(endpoint, command.attributes);
  }

  /** @throws RoomtoneError */
  async applyToGroup(
    { group, parts }: { group: Models.Group; parts: readonly Part[] },
    { commands, ...command }: GroupCommand,
    signal: AbortSignal,
  ): Promise<void> {
    const { told, stack } = this.#options;
    const device = command.group;
    const frames = framesFor(command, commonTraits(parts), {
      on: parts.every(({ id }) => told.reported(id).on === true),
      before: undefined,
      fading: {},
    });
    const begins = commands.map((each) => this.#expect(each));
    try {
      for (const { cluster, command: name, payload } of frames) {
        await this.#limited(device, signal, () => group.command(cluster, name, payload as never));
      }
    } catch (error) {
      throw stack()?.toDeviceError(error, device) ?? error;
    }
    for (const begin of begins) begin();
    for (const part of parts) {
      const own = commands.find((each) => each.device === part.id);
      if (own && part.traits) this.#taken(part, part.traits, own);
      noteColorMode(part.endpoint, command.attributes);
    }
  }

  /** Lets a lamp or sensor show itself for some seconds, as it does it. @throws RoomtoneError */
  async identify(part: Part, signal: AbortSignal): Promise<void> {
    const { timings, stack } = this.#options;
    const endpoint = part.endpoint.getDevice().endpoints.find((each) => each.supportsInputCluster('genIdentify'));
    if (!endpoint) throw new RoomtoneError('device.no_identify', { params: { device: part.id } });
    const options = { timeout: timings.answerWithin, disableRecovery: true };
    try {
      await this.#limited(part.id, signal, () => endpoint.command('genIdentify', 'identify', { identifytime: IDENTIFY_S }, options));
    } catch (error) {
      throw stack()?.toDeviceError(error, part.id) ?? error;
    }
  }

  /** Reads how a lamp stands. @param thoroughly also along other routes @throws whatever the library throws when it does not answer */
  async read(
    part: Part,
    kind: Report['kind'],
    { names = EVERYTHING, thoroughly = false }: { names?: ReadonlySet<AttributeName>; thoroughly?: boolean } = {},
  ): Promise<void> {
    const { timings, stack } = this.#options;
    if (!part.traits) return;
    const { reading } = this.#of(part.id);
    for (const { cluster, attributes } of readsFor(part.traits, names)) {
      reading.set(cluster, kind);
      try {
        await part.endpoint.read(cluster, attributes as never, {
          timeout: timings.answerWithin,
          disableRecovery: !thoroughly,
          sendPolicy: 'immediate',
        });
      } catch (error) {
        if (!stack()?.isRefusal(error)) throw error;
      } finally {
        reading.delete(cluster);
      }
    }
  }

  /** A lamp says how it stands, by itself or because it was asked. */
  hear(
    part: Part,
    { cluster, data, isReport }: { cluster: LightCluster; data: Readonly<Record<string, unknown>>; isReport: boolean },
  ): void {
    const { told, clock } = this.#options;
    if (!part.traits) return;
    const busy = this.#of(part.id);
    const now = clock.mono();
    if (cluster === 'lightingColorCtrl' && isReport && !this.#isWhole(part, part.traits, data)) return;
    const known = (attribute: string): unknown => part.endpoint.getClusterAttributeValue('lightingColorCtrl', attribute as never);
    const attributes = attributesIn({ cluster, data }, part.traits, known);
    if (now < busy.fadesOffUntil) delete attributes.brightness;
    // What others read (converters do, when they set a lamp up) is a picture like that after a gap.
    const kind = isReport ? 'event' : (busy.reading.get(cluster) ?? 'resync');
    if (kind === 'resync') told.tellNews(part.id, attributes);
    else told.tell(part.id, attributes, kind);
  }

  /** Whether a report makes a color by itself. If not, the rest of it comes soon, or is read. */
  #isWhole(part: Part, traits: Traits, data: Readonly<Record<string, unknown>>): boolean {
    const { clock, chores } = this.#options;
    const busy = this.#of(part.id);
    const read = (): void => {
      delete busy.half;
      chores.add(`color ${part.id}`, () => this.read(part, 'event', { names: CHROMA }));
    };
    const isKnown = !isTwofold(traits) || data.colorMode !== undefined || clock.mono() <= busy.colorKnownUntil;
    if (!isKnown) read();
    const isHalf = (data.currentX === undefined) !== (data.currentY === undefined);
    if (!isKnown || !isHalf) return isKnown;
    const half = data.currentX === undefined ? 'y' : 'x';
    const isSecond = busy.half !== undefined && busy.half.of !== half;
    busy.half?.timer.cancel();
    delete busy.half;
    if (!isSecond) busy.half = { of: half, timer: clock.after(HALF, read) };
    return isSecond;
  }

  /** A lamp that comes on begins at its least, and says so, however quick it is. */
  #expect(command: Command): () => void {
    const { told, clock } = this.#options;
    const comesOn = command.attributes.on === true && told.reported(command.device).on === false;
    if (!comesOn) return told.expect(command, clock.mono());
    return told.expect({ ...command, transition: Math.max(1, command.transition) }, clock.mono(), { brightness: 0 });
  }

  #standing({ id }: Part, { attributes }: Command): Standing {
    const { told } = this.#options;
    const busy = this.#of(id);
    if (attributes.brightness !== undefined) busy.before = undefined;
    const fading = {
      brightness: told.running(id, 'brightness'),
      color: told.running(id, 'color'),
      colorTemperature: told.running(id, 'colorTemperature'),
    };
    const standing = { on: told.reported(id).on, before: busy.before, fading };
    if (attributes.on) busy.before = undefined;
    return standing;
  }

  /** From here on the lamp is on its way, and is read where it does not say that it has arrived. */
  #taken(part: Part, traits: Traits, { attributes, transition }: Pick<Command, 'attributes' | 'transition'>): void {
    const { clock, told, timings } = this.#options;
    const busy = this.#of(part.id);
    const now = clock.mono();
    const duration = transition * 1000;
    busy.fadesOffUntil = 0;
    if (attributes.on === false && traits.brightness && duration > 0) {
      busy.fadesOffUntil = now + duration + LATE;
      busy.before ??= told.reported(part.id).brightness;
    }
    if (attributes.color || attributes.colorTemperature !== undefined) busy.colorKnownUntil = now + duration + timings.readAfter;
    busy.wished = { ...busy.wished, ...attributes };
    busy.dueAt = Math.max(busy.dueAt, now + duration + timings.readAfter);
    busy.timer?.cancel();
    busy.timer = clock.after(busy.dueAt - now, () => this.#look(part));
  }

  #look(part: Part): void {
    const { told, chores, onOneTransition } = this.#options;
    const busy = this.#of(part.id);
    const { wished } = busy;
    busy.wished = {};
    busy.dueAt = 0;
    delete busy.timer;
    const silent = told.unconfirmed(part.id);
    const both = wished.brightness !== undefined && (wished.color ?? wished.colorTemperature) !== undefined;
    const names = new Set(both ? ([...silent, 'brightness', 'color', 'colorTemperature'] as const) : silent);
    if (names.size === 0) return;
    chores.add(`read ${part.id}`, async () => {
      await this.read(part, 'poll', { names });
      if (both && part.traits && !part.traits.oneTransition && stayedBehind(wished, told.reported(part.id))) onOneTransition(part.id);
    });
  }

  async #send(part: Part, { cluster, command, payload }: Frame, signal: AbortSignal): Promise<void> {
    const { timings, stack } = this.#options;
    const options = { timeout: timings.answerWithin, disableRecovery: true, ...(!part.answers && { disableDefaultResponse: true }) };
    const answer = await this.#limited(part.id, signal, () => part.endpoint.command(cluster, command as never, payload as never, options));
    const status = (answer as { statusCode?: number } | undefined)?.statusCode ?? 0;
    // The library takes any answer for a yes.
    if (status !== 0)
      throw new RoomtoneError('device.refused', { params: { device: part.id, what: stack()?.statusName(status) ?? status } });
  }

  /** The library's own waits cannot be called off. */
  #limited<T>(device: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { clock, timings } = this.#options;
    const error = new RoomtoneError('device.timeout', { params: { device } });
    const either = AbortSignal.any([signal, this.#options.signal()]);
    return within({ clock, ms: timings.answerWithin * 2, error, signal: either }, work);
  }

  #of(device: DeviceId): Busy {
    const known = this.#busy.get(device);
    if (known) return known;
    const busy: Busy = { fadesOffUntil: 0, before: undefined, colorKnownUntil: 0, wished: {}, dueAt: 0, reading: new Map() };
    this.#busy.set(device, busy);
    return busy;
  }
}

const EVERYTHING: ReadonlySet<AttributeName> = new Set(['on', 'brightness', 'color', 'colorTemperature']);
const CHROMA: ReadonlySet<AttributeName> = new Set(['color', 'colorTemperature']);

const isTwofold = ({ color, mired }: Traits): boolean => color && mired !== undefined;

/** What the lamp will be in once it took it; the library keeps it beside what the lamp said. */
function noteColorMode(endpoint: Models.Endpoint, { color, colorTemperature }: Attributes): void {
  const colorMode = color ? 1 : colorTemperature === undefined ? undefined : 2;
  if (colorMode !== undefined) endpoint.saveClusterAttributeKeyValue('lightingColorCtrl', { colorMode } as never);
}

function commonTraits(parts: readonly Part[]): Traits {
  const all = parts.flatMap(({ traits }) => traits ?? []);
  const ranges = all.flatMap(({ mired }) => mired ?? []);
  return {
    brightness: all.some(({ brightness }) => brightness),
    color: all.some(({ color }) => color),
    ...(ranges.length > 0 && { mired: { min: Math.max(...ranges.map(({ min }) => min)), max: Math.min(...ranges.map(({ max }) => max)) } }),
    oneTransition: all.some(({ oneTransition }) => oneTransition),
    noOptions: all.some(({ noOptions }) => noOptions),
  };
}

/** By how much a lamp may round: %, K, and the distance of two chromaticities. */
const NEAR = { brightness: 2, colorTemperature: 150, color: 0.02 };

/** Whether brightness or color did not come to where both were to go. */
function stayedBehind(wished: Attributes, now: Attributes): boolean {
  const isOff = (one: number | undefined, other: number | undefined, near: number): boolean =>
    one !== undefined && other !== undefined && Math.abs(one - other) > near;
  return (
    isOff(wished.brightness, now.brightness, NEAR.brightness) ||
    isOff(wished.colorTemperature, now.colorTemperature, NEAR.colorTemperature) ||
    isOff(wished.color?.x, now.color?.x, NEAR.color) ||
    isOff(wished.color?.y, now.color?.y, NEAR.color)
  );
}
