import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ActivityEntry, AdapterView, DiscoveryView } from '../../daemon/api/devices.ts';
import type { FeedbackView } from '../../daemon/api/learning.ts';
import type { HouseView, InferenceView, ModelView } from '../../daemon/api/views.ts';
import type { DeviceId } from '../../daemon/devices/device.ts';
import type { TokenView } from '../api/client.ts';
import { pickLocale } from '../i18n/format.ts';
import { createI18n, type I18n, LANGUAGES, type Named } from '../i18n/translate.ts';
import type { Network } from './meshes.ts';
import type { Connection } from './stream.ts';
import type { Trail } from './trail.ts';

/** `unknown` until the hub answered, `no-answer` once it failed to. */
export type SessionState = 'unknown' | 'no-answer' | 'setup' | 'signed-out' | 'signed-in';

export interface Toast {
  id: number;
  kind: 'error' | 'done';
  /** Name of the action that it tells of. */
  about: string;
  text: string;
}

/** All that the panel knows. Only actions and the wiring in main.tsx write it. */
export interface Store {
  session: Signal<SessionState>;
  house: Signal<HouseView | null>;
  /** Null until somebody looked at them. */
  models: Signal<readonly ModelView[] | null>;
  /** Families of devices; null until somebody looked at them. */
  adapters: Signal<readonly AdapterView[] | null>;
  /** Radio networks by their adapter; those that somebody looked at, and those that told of themselves since. */
  networks: Signal<ReadonlyMap<string, Network>>;
  /** What was found when somebody last looked around. */
  found: Signal<DiscoveryView | null>;
  /** What happened to each device, as far as somebody looked. */
  activity: Signal<ReadonlyMap<DeviceId, readonly ActivityEntry[]>>;
  /** What was said of the moods of each room, as far as somebody looked. */
  feedback: Signal<ReadonlyMap<string, FeedbackView>>;
  /** What they run on; null until somebody looked. */
  inference: Signal<InferenceView | null>;
  /** Tokens of the house; null until somebody looked. */
  tokens: Signal<readonly TokenView[] | null>;
  trails: Signal<ReadonlyMap<string, Trail>>;
  connection: Signal<Connection>;
  /** Names of actions that wait for the hub. */
  pending: Signal<ReadonlySet<string>>;
  toasts: Signal<readonly Toast[]>;
  /** Epoch ms of this device, ticking every second while the page is seen. */
  now: Signal<number>;
  /** How far the hub's wall clock is ahead of this device's, ms. */
  clockSkew: Signal<number>;
  /** Epoch ms by the hub's clock: what its stamps compare with. */
  hubNow: ReadonlySignal<number>;
  i18n: ReadonlySignal<I18n>;
}

export function createStore(options: { now: number; browserLanguages: readonly string[] }): Store {
  const house = signal<HouseView | null>(null);
  const now = signal(options.now);
  const clockSkew = signal(0);
  const language = computed(() => house.value?.hub.language ?? 'en');
  const timezone = computed(() => house.value?.hub.timezone);
  const nameOf = (kind: Named, id: string): string | undefined => {
    const lists = { scene: house.value?.scenes, room: house.value?.rooms, device: house.value?.devices };
    return lists[kind]?.find((each) => each.id === id)?.name;
  };
  return {
    session: signal<SessionState>('unknown'),
    house,
    models: signal<readonly ModelView[] | null>(null),
    adapters: signal<readonly AdapterView[] | null>(null),
    networks: signal<ReadonlyMap<string, Network>>(new Map()),
    found: signal<DiscoveryView | null>(null),
    activity: signal<ReadonlyMap<DeviceId, readonly ActivityEntry[]>>(new Map()),
    feedback: signal<ReadonlyMap<string, FeedbackView>>(new Map()),
    inference: signal<InferenceView | null>(null),
    tokens: signal<readonly TokenView[] | null>(null),
    trails: signal<ReadonlyMap<string, Trail>>(new Map()),
    connection: signal<Connection>({ phase: 'connecting' }),
    pending: signal<ReadonlySet<string>>(new Set()),
    toasts: signal<readonly Toast[]>([]),
    now,
    clockSkew,
    hubNow: computed(() => now.value + clockSkew.value),
    i18n: computed(() => {
      const locale = pickLocale(language.value, { browser: options.browserLanguages, known: LANGUAGES });
      return createI18n({ locale, timezone: timezone.value, nameOf });
    }),
  };
}
