/**
 * The network information base as Z-Stack 3.x.0 on a CC2652 keeps it: a C structure of 116 bytes, its words and double words
 * aligned to their size (the order of its members is that of `nwk.h`).
 */
type Member = readonly [name: string, bytes: number, value: number];

const members: readonly Member[] = [
  ['sequenceNumber', 1, 1],
  ['passiveAckTimeout', 1, 5],
  ['maxBroadcastRetries', 1, 2],
  ['maxChildren', 1, 51],
  ['maxDepth', 1, 15],
  ['maxRouters', 1, 51],
  ['neighborTable', 1, 0],
  ['broadcastDeliveryTime', 1, 30],
  ['reportConstantCost', 1, 0],
  ['routeDiscoveryRetries', 1, 0],
  ['routingTable', 1, 0],
  ['secureAllFrames', 1, 1],
  ['securityLevel', 1, 5],
  ['symmetricLink', 1, 1],
  ['capabilities', 1, 0x8f],
  ['transactionPersistence', 2, 7],
  ['protocolVersion', 1, 2],
  ['routeDiscoveryTime', 1, 13],
  ['routeExpiryTime', 1, 30],
  ['address', 2, 0],
  ['channel', 1, 0],
  ['coordinatorAddress', 2, 0],
  ['coordinatorIeee', 8, 0],
  ['panId', 2, 0xffff],
  ['state', 2, 8],
  ['channelList', 4, 0],
  ['beaconOrder', 1, 15],
  ['superframeOrder', 1, 15],
  ['scanDuration', 1, 4],
  ['batteryLifeExtension', 1, 0],
  ['routerAddresses', 4, 1],
  ['endDeviceAddresses', 4, 1],
  ['depth', 1, 0],
  ['extendedPanId', 8, 0],
  ['keyLoaded', 1, 1],
  ['spareKeys', 34, 0],
  ['spare3', 1, 0],
  ['spare4', 1, 0],
  ['linkStatusPeriod', 1, 15],
  ['routerAgeLimit', 1, 3],
  ['useMulticast', 1, 0],
  ['isConcentrator', 1, 1],
  ['concentratorDiscovery', 1, 120],
  ['concentratorRadius', 1, 10],
  ['allFresh', 1, 1],
  ['managerAddress', 2, 0],
  ['totalTransmissions', 2, 0],
  ['updateId', 1, 0],
];

const alignment = (bytes: number): number => (bytes === 2 || bytes === 4 ? bytes : 1);

/** Where each member begins, and the length of the whole. */
const layout = (() => {
  const offsets = new Map<string, number>();
  let end = 0;
  for (const [name, bytes] of members) {
    end = Math.ceil(end / alignment(bytes)) * alignment(bytes);
    offsets.set(name, end);
    end += bytes;
  }
  return { offsets, length: Math.ceil(end / 4) * 4 };
})();

const offset = (name: string): number => {
  const at = layout.offsets.get(name);
  if (at === undefined) throw new Error(`The NIB has no member ${name}.`);
  return at;
};

/** What a network is known by. */
export interface NetworkIdentity {
  panId: number;
  /** 0x and 16 hex digits. */
  extendedPanId: string;
  /** 11 to 26. */
  channel: number;
}

export function encodeNib({ panId, extendedPanId, channel }: NetworkIdentity): Buffer {
  const nib = Buffer.alloc(layout.length);
  for (const [name, bytes, value] of members) if (bytes <= 4) nib.writeUIntLE(value, offset(name), bytes);
  nib.writeUInt16LE(panId, offset('panId'));
  Buffer.from(extendedPanId.slice(2), 'hex').reverse().copy(nib, offset('extendedPanId'));
  nib.writeUInt8(channel, offset('channel'));
  nib.writeUInt32LE((1 << channel) >>> 0, offset('channelList'));
  return nib;
}

/** Undefined for what is not the memory of a network that was formed. */
export function decodeNib(nib: Buffer | undefined): NetworkIdentity | undefined {
  if (nib?.length !== layout.length) return undefined;
  const panId = nib.readUInt16LE(offset('panId'));
  const channel = nib.readUInt8(offset('channel'));
  if (panId === 0xffff || channel === 0) return undefined;
  const at = offset('extendedPanId');
  return {
    panId,
    channel,
    extendedPanId: `0x${Buffer.from(nib.subarray(at, at + 8))
      .reverse()
      .toString('hex')}`,
  };
}

export function withChannel(nib: Buffer, channel: number): Buffer {
  const moved = Buffer.from(nib);
  moved.writeUInt8(channel, offset('channel'));
  moved.writeUInt32LE((1 << channel) >>> 0, offset('channelList'));
  return moved;
}
