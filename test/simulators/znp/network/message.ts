export type Destination =
  | { to: 'node'; address: number; endpoint: number }
  | { to: 'group'; group: number }
  /** 0xfffc routers, 0xfffd all that listen, 0xffff all. */
  | { to: 'all'; address: number; endpoint: number };

/** One application message on the air. */
export interface ApsMessage {
  /** Short address of the sender. */
  source: number;
  sourceEndpoint: number;
  destination: Destination;
  cluster: number;
  data: Buffer;
}

export const homeAutomation = 0x0104;

export const coordinatorAddress = 0x0000;

/** Whether an address stands for many. */
export const isBroadcast = (address: number): boolean => address >= 0xfff8;
