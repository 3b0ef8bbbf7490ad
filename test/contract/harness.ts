import type { Adapter } from '../../daemon/devices/adapter.ts';
import type { Attributes, DeviceId } from '../../daemon/devices/device.ts';
import type { Watched } from './watched.ts';

/** What the network and the hardware at its other end can do to an adapter. */
export interface Wire {
  /** The next requests are answered as asked too often. Absent: nothing at the other end counts. */
  limit?(requests: number): void;
  /** What comes back cannot be read, until `recover`. */
  garble(): void;
  /** Answers take so long, ms, until `recover`. */
  slow(ms: number): void;
  /** Requests are taken and never answered, until `recover`. */
  stall(): void;
  /** Connections stay open and no byte passes, until `recover`. */
  freeze(): void;
  /** Nothing answers at the address any more, until `plugIn`. */
  unplug(): Promise<void>;
  plugIn(): Promise<void>;
  recover(): void;
  /** Requests that were more than the hardware bears, `limit` aside. */
  limitHits(): number;
  /** Resolves when no connection of the adapter is open any more. */
  disconnected(): Promise<void>;
}

/** An adapter that is not started yet, and what stands for the hardware behind it. */
export interface AdapterHarness {
  /** Its waits short, so that faults show soon. */
  adapter: Adapter;
  /** A lamp that is on, dimmable and there. */
  lamp: DeviceId;
  /** A person changes the lamp by other means than ours. */
  hand(attributes: Attributes): void;
  /** The lamp loses its power and gets it back. */
  cutPower(): void;
  returnPower(): void;
  /** Brightness and switch of the lamp itself, whatever anybody says of it. */
  shows(): Pick<Attributes, 'on' | 'brightness'>;
  /** Timers that the adapter has set on its clock. */
  pendingTimers(): number;
  /** Absent: nothing lies between the adapter and its devices. */
  wire?: Wire;
  /** Ends what stands for the hardware. */
  close(): Promise<void>;
}

/** Sets up one test of the contract: what it is called, and what it does with an adapter that is not started yet. */
export type Keeps = (what: string, test: (watched: Watched, harness: AdapterHarness) => Promise<void>) => void;
