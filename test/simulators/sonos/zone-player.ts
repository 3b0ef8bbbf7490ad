import { type SimulatorClock, Timers } from '../hue/clock.ts';
import { type Random, type Span, within } from '../hue/random.ts';
import type { Household } from './household/household.ts';
import type { Catalog } from './household/media.ts';
import type { Player } from './household/player.ts';
import type { Interventions } from './interventions.ts';
import type { Cause, RecordedAction } from './log.ts';
import { carryOut } from './services/actions.ts';
import type { ContentState } from './services/content.ts';
import type { ServiceDescription } from './services/descriptions.ts';
import { PlayerEvents } from './wire/events.ts';
import { type EventFaults, type SentEvent, Subscribers } from './wire/gena.ts';
import { PlayerServer } from './wire/server.ts';
import { answerXml, type Call, type ControlRequest, faultXml, readCall, UpnpFault } from './wire/soap.ts';

/** What the players of a household have in common. */
export interface Surroundings {
  clock: SimulatorClock;
  random: Random;
  household: Household;
  catalog: Catalog;
  content: ContentState;
  interventions: Interventions;
  eventFaults: EventFaults;
  answerDelay: Span;
  eventDelay: Span;
  /** A number for a new subscription. */
  nextSubscription: () => number;
  /** Does something and tells everyone what has changed. */
  during: <T>(cause: Cause, act: () => T) => T;
  onAction: (action: RecordedAction) => void;
  onBadRequest: (why: string) => void;
  onEvent: (event: SentEvent) => void;
  /** To be called when anything else happened that a test may wait for. */
  onProgress: () => void;
}

interface Answer {
  status: number;
  body: string;
}

/** A player with its web server and its subscribers. */
export class ZonePlayer {
  readonly player: Player;
  readonly server: PlayerServer;
  readonly subscribers: Subscribers;
  /** Ends in the others noticing that it is gone. */
  vanishing: { cancel(): void } | undefined;
  /** What its answers take beyond their usual time, ms. */
  slowness: Span = [0, 0];
  readonly #surroundings: Surroundings;
  readonly #timers: Timers;

  constructor(player: Player, surroundings: Surroundings) {
    const { clock, random, household, catalog, content, eventFaults, eventDelay } = surroundings;
    this.player = player;
    this.#surroundings = surroundings;
    this.#timers = new Timers(clock);
    this.subscribers = new Subscribers({
      ...{ uuid: player.uuid, clock, random, faults: eventFaults },
      source: new PlayerEvents({ player, household, catalog, content }),
      delay: () => eventDelay,
      onEvent: surroundings.onEvent,
      onProgress: surroundings.onProgress,
    });
    this.server = new PlayerServer({
      player,
      subscribers: this.subscribers,
      nextSubscription: surroundings.nextSubscription,
      control: (service, request) => this.#control(service, request),
      onBadRequest: surroundings.onBadRequest,
    });
  }

  async close(): Promise<void> {
    this.#timers.cancelAll();
    this.player.close();
    this.subscribers.close();
    await this.server.stop();
  }

  /** Done on arrival, answered after a while. */
  async #control(service: ServiceDescription, request: ControlRequest): Promise<Answer> {
    const { random, answerDelay } = this.#surroundings;
    const delay = within(answerDelay, random) + within(this.slowness, random);
    const answer = this.#perform(service, request);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#timers.after(delay, () => (answer ? resolve(answer) : reject(new Error('The answer is lost.'))));
    return promise;
  }

  /** Undefined where the answer is lost. */
  #perform(service: ServiceDescription, request: ControlRequest): Answer | undefined {
    let record: RecordedAction | undefined;
    try {
      const call = readCall(request, service);
      record = this.#record(service, call);
      return this.#answer(service, call, record);
    } catch (error) {
      if (!(error instanceof UpnpFault)) throw error;
      if (record) record.fault = error.code;
      else this.#surroundings.onBadRequest(error.message);
      return { status: 500, body: faultXml(error.code) };
    } finally {
      this.#surroundings.onProgress();
    }
  }

  #answer(service: ServiceDescription, call: Call, record: RecordedAction): Answer | undefined {
    const { during, interventions, household, catalog, content } = this.#surroundings;
    const taken = interventions.take(record);
    for (const { before } of taken) before?.();
    const refusal = taken.find(({ refuse }) => refuse !== undefined)?.refuse;
    if (refusal !== undefined) throw new UpnpFault(refusal, 'as the test wants it');
    const context = { player: this.player, household, catalog, content, arguments: call.arguments };
    const results = during('command', () => carryOut(service.name, call.action, context));
    for (const { after } of taken) after?.();
    if (taken.some(({ loseAnswer }) => loseAnswer)) return undefined;
    const body = answerXml(service, call.action, results);
    return { status: 200, body: taken.some(({ cutAnswer }) => cutAnswer) ? body.slice(0, body.length / 2) : body };
  }

  #record({ name: service }: ServiceDescription, { action, arguments: values }: Call): RecordedAction {
    const { clock, onAction } = this.#surroundings;
    const { name: room, uuid } = this.player;
    const record: RecordedAction = { at: clock.mono(), room, player: uuid, service, action, arguments: Object.fromEntries(values) };
    onAction(record);
    return record;
  }
}
