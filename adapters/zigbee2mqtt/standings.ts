import type { Clock } from '../../daemon/api/clock.ts';
import type { Housing, Zigbee2MqttHouse } from './house.ts';
import type { Failure } from './payloads.ts';
import { Pictures } from './pictures.ts';

export interface StandingsOptions {
  clock: Clock;
  house: Zigbee2MqttHouse;
  /** ms until a device that is asked how it stands has answered */
  lookWithin: number;
  publish(topic: string, payload: string): void;
  isLive(): boolean;
  onAvailability(housing: Housing, available: boolean): void;
  /** Something may have been missed of it. */
  onGap(housing: Housing): void;
}

/** How far a housing's state is known. */
interface Standing {
  /** What Zigbee2MQTT says of its availability; undefined where it does not watch it. */
  said?: boolean | undefined;
  /** `silent`: it was asked and did not answer. */
  picture: 'wanted' | 'taken' | 'silent';
}

/** Which devices are there, and how far it is known how they stand. */
export class Standings {
  readonly #options: StandingsOptions;
  readonly #pictures: Pictures;
  readonly #standings = new Map<string, Standing>();

  constructor(options: StandingsOptions) {
    const { clock, lookWithin, publish } = options;
    this.#options = options;
    this.#pictures = new Pictures({
      clock,
      answerWithin: lookWithin,
      publish,
      onDone: (ieee, answered) => this.#onPicture(ieee, answered),
    });
  }

  close(): void {
    this.#pictures.stop();
  }

  /** How Zigbee2MQTT says it stands, once that is known; where it does not watch, how the device answered. */
  isAvailable({ ieee, told, units }: Housing): boolean {
    const { said, picture } = this.#of(ieee);
    if (!this.#options.isLive() || told.disabled) return false;
    if (units.length === 0) return said ?? true;
    return picture !== 'wanted' && (said ?? picture === 'taken');
  }

  /** Whether what it says now is how it stands rather than a change. */
  isBeingTaken({ ieee }: Housing): boolean {
    return this.#of(ieee).picture === 'wanted';
  }

  /** Zigbee2MQTT is there, or its list of devices is another. */
  look(): void {
    const { house, isLive } = this.#options;
    for (const ieee of this.#standings.keys()) if (!house.housing(ieee)) this.#standings.delete(ieee);
    for (const housing of house.housings()) {
      if (isLive()) this.#take(housing);
      this.#tell(housing);
    }
  }

  /** Nothing is known any more. What the broker keeps of it comes again; where it keeps nothing, the device itself must say. */
  lose(): void {
    this.#pictures.stop();
    for (const housing of this.#options.house.housings()) {
      this.#lookAnew(housing);
      this.#of(housing.ieee).said = undefined;
      this.#tell(housing);
    }
  }

  /** Zigbee2MQTT says whether a device is there. */
  onAvailability(housing: Housing, online: boolean): void {
    const standing = this.#of(housing.ieee);
    if (online && standing.said === false) this.#lookAnew(housing);
    standing.said = online;
    if (this.#options.isLive()) this.#take(housing);
    this.#tell(housing);
  }

  /** A device said something. */
  onMessage(housing: Housing): void {
    const standing = this.#of(housing.ieee);
    if (standing.picture === 'silent') standing.picture = 'taken';
    this.#pictures.onMessage(housing.name);
    this.#tell(housing);
  }

  onFailure(failure: Failure): void {
    this.#pictures.onFailure(failure);
  }

  /** What sleeps cannot be asked, what has no power need not be, and what is being interviewed is not known yet. */
  #take(housing: Housing): void {
    const standing = this.#of(housing.ieee);
    if (standing.picture !== 'wanted' || standing.said === false || housing.units.length === 0) return;
    const questions = canBeAsked(housing) ? housing.units.flatMap(({ features }) => features.questions) : [];
    if (questions.length > 0) this.#pictures.take({ ieee: housing.ieee, name: housing.name, questions });
    else standing.picture = 'taken';
  }

  #onPicture(ieee: string, answered: boolean): void {
    const housing = this.#options.house.housing(ieee);
    if (!housing) return;
    this.#of(ieee).picture = answered ? 'taken' : 'silent';
    this.#tell(housing);
  }

  #lookAnew(housing: Housing): void {
    this.#of(housing.ieee).picture = 'wanted';
    this.#options.onGap(housing);
  }

  #tell(housing: Housing): void {
    this.#options.onAvailability(housing, this.isAvailable(housing));
  }

  #of(ieee: string): Standing {
    const standing = this.#standings.get(ieee) ?? { picture: 'wanted' };
    this.#standings.set(ieee, standing);
    return standing;
  }
}

const canBeAsked = ({ told }: Housing): boolean => !told.disabled && told.power_source !== 'Battery';
