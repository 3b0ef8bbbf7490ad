/** Subsystems of the Monitor and Test interface. */
export const subsystem = { error: 0, sys: 1, af: 4, zdo: 5, util: 7, appConfig: 15 } as const;

/** Statuses of Z-Stack, as commands and confirmations carry them. */
export const status = {
  success: 0x00,
  failure: 0x01,
  invalidParameter: 0x02,
  nvItemUninitialized: 0x09,
  nvFailed: 0x0a,
  nvBadLength: 0x0c,
  bufferFull: 0x11,
  duplicateEntry: 0xb8,
  noRoute: 0xcd,
  macNoAck: 0xe9,
  macTransactionExpired: 0xf0,
} as const;

/** What the device does on the network, as `ZDO_STATE_CHANGE_IND` tells it. */
export const deviceState = { hold: 0, init: 1, coordinatorStarting: 8, coordinator: 9 } as const;

/** Errors by which the serial interface refuses a request it cannot hand on. */
export const rpcError = { subsystem: 1, command: 2, parameter: 3, length: 4 } as const;
