import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataRequest, formNetwork, rawHostFor, registerEndpoint } from './host.helper.ts';
import { Writer } from './serial/bytes.ts';
import { encodeFrame, frameType, type MtFrame } from './serial/frame.ts';

const ping = { type: frameType.request, subsystem: 1, command: 1, data: Buffer.alloc(0) };
const kinds = (simulator: { violations: readonly { kind: string }[] }) => simulator.violations.map(({ kind }) => kind);
const isConfirm = ({ subsystem, command }: MtFrame) => subsystem === 4 && command === 0x80;

test('a ping is answered with the capabilities, as recorded from real firmware', async (t) => {
  const { host } = await rawHostFor(t);
  host.write(Buffer.from([0xfe, 0x00, 0x21, 0x01, 0x20]));
  const answer = await host.next(() => true);
  assert.deepEqual(encodeFrame(answer), Buffer.from([0xfe, 0x02, 0x61, 0x01, 0x59, 0x06, 0x3d]));
});

test('a frame with a wrong check sequence is dropped in silence, and the next one is heard', async (t) => {
  const { simulator, host } = await rawHostFor(t);
  const bad = encodeFrame(ping);
  bad.writeUInt8(0x99, bad.length - 1);
  host.write(bad);
  host.write(encodeFrame({ ...ping, command: 2 }));
  const answer = await host.next(() => true);
  assert.equal(answer.command, 2);
  assert.equal(host.received.length, 1);
  assert.deepEqual(kinds(simulator), ['bad-check-sequence']);
});

test('frames may come in pieces, and many in one piece', async (t) => {
  const { simulator, host } = await rawHostFor(t);
  const frame = encodeFrame(ping);
  host.write(Buffer.concat([Buffer.from([0xef]), frame, frame.subarray(0, 2)]));
  host.write(frame.subarray(2));
  await host.next(() => host.received.length === 2);
  assert.deepEqual(kinds(simulator), [], 'the byte that wakes a boot loader is no fault');
});

test('what the firmware does not know, and requests of a wrong length, are refused with the header they had', async (t) => {
  const { simulator, host } = await rawHostFor(t);
  const refusals = [
    await host.request(2, 0x01),
    await host.request(1, 0x7f),
    await host.request(1, 0x1c, Buffer.from([0x21])),
    await host.request(1, 0x13, Buffer.from([0x21, 0, 0])),
  ];
  assert.deepEqual(
    refusals.map(({ subsystem, command, data }) => [subsystem, command, ...data]),
    [
      [0, 0, 1, 0x22, 0x01],
      [0, 0, 2, 0x21, 0x7f],
      [0, 0, 4, 0x21, 0x1c],
      [0, 0, 4, 0x21, 0x13],
    ],
  );
  assert.deepEqual(kinds(simulator), ['unknown-command', 'unknown-command', 'wrong-length', 'wrong-length']);
});

test('memory: items are made once, written within their length, deleted by their length', async (t) => {
  const { host } = await rawHostFor(t);
  const ask = async (command: number, fields: Writer) => [...(await host.request(1, command, fields.done())).data];
  const id = 0x0060;
  assert.deepEqual(await ask(0x13, new Writer().u16(id)), [0, 0]);
  assert.deepEqual(await ask(0x1c, new Writer().u16(id).u16(0)), [2, 0], 'no such item');
  assert.deepEqual(await ask(0x07, new Writer().u16(id).u16(3).u8(1).u8(0x55)), [9], 'made');
  assert.deepEqual(await ask(0x07, new Writer().u16(id).u16(3).u8(1).u8(0x66)), [0], 'there already');
  assert.deepEqual(await ask(0x1c, new Writer().u16(id).u16(0)), [0, 3, 0x55, 0xff, 0xff]);
  assert.deepEqual(await ask(0x1d, new Writer().u16(id).u16(2).u16(2).u16(0)), [2], 'beyond its end');
  assert.deepEqual(await ask(0x1d, new Writer().u16(id).u16(1).u16(2).u16(0x0201)), [0]);
  assert.deepEqual(await ask(0x1c, new Writer().u16(id).u16(1)), [0, 2, 1, 2]);
  assert.deepEqual(await ask(0x12, new Writer().u16(id).u16(2)), [0x0c]);
  assert.deepEqual(await ask(0x12, new Writer().u16(id).u16(3)), [0]);
  assert.deepEqual(await ask(0x12, new Writer().u16(id).u16(3)), [9]);
});

test('an endpoint is registered once; a data request needs one, a network, and a device at its address', async (t) => {
  const { simulator, host } = await rawHostFor(t);
  assert.deepEqual([...(await registerEndpoint(host)).data], [0]);
  assert.deepEqual([...(await registerEndpoint(host)).data], [0xb8]);
  const on = { address: 0x1234, cluster: 6, data: [0x11, 1, 1] };
  assert.deepEqual([...(await host.request(4, 1, dataRequest({ ...on, source: 3 }))).data], [2]);
  assert.deepEqual([...(await host.request(4, 1, dataRequest(on))).data], [1]);
  await formNetwork(host);
  assert.deepEqual([...(await host.request(4, 1, dataRequest(on))).data], [0]);
  assert.deepEqual([...(await host.next(isConfirm)).data], [0xcd, 1, 7], 'no route');
  assert.deepEqual(kinds(simulator), ['unregistered-endpoint', 'not-started', 'unknown-address']);
});

test('a lamp joins while that is permitted, answers, and is not there when it is cut at the wall', async (t) => {
  const { clock, simulator, host } = await rawHostFor(t);
  await formNetwork(host);
  await registerEndpoint(host);
  const lamp = simulator.lamp('color');
  assert.equal(lamp.join(), false);
  await host.request(5, 0x36, Buffer.from([0x0f, 0xfc, 0xff, 60, 1]));
  clock.advance(60_000);
  assert.equal(lamp.join(), false, 'the time is over');
  await host.request(5, 0x36, Buffer.from([0x0f, 0xfc, 0xff, 60, 1]));
  clock.advance(59_999);
  assert.equal(lamp.join(), true);
  const joined = await host.next(({ subsystem, command }) => subsystem === 5 && command === 0xca);
  const address = joined.data.readUInt16LE();
  await host.next(({ subsystem, command }) => subsystem === 5 && command === 0xc1);

  await host.request(4, 1, dataRequest({ address, cluster: 6, data: [0x01, 9, 1] }));
  const answer = await host.next(({ subsystem, command }) => subsystem === 4 && command === 0x81);
  assert.deepEqual([...answer.data.subarray(17, -3)], [0x18, 9, 0x0b, 1, 0], 'a default answer: done');
  assert.equal(lamp.state.lit, true);

  lamp.cutAtTheWall();
  const before = host.received.length;
  await host.request(4, 1, dataRequest({ address, cluster: 6, data: [0x01, 10, 0], transaction: 8 }));
  assert.deepEqual([...(await host.next(isConfirm, before)).data], [0xe9, 1, 8], 'no acknowledgment');
  assert.deepEqual(simulator.violations, []);
});

test('requests without a confirmation are counted; more than the buffers hold are refused', async (t) => {
  const { clock, simulator, host } = await rawHostFor(t, { airTime: [100, 100], buffers: 2 });
  await formNetwork(host);
  await registerEndpoint(host);
  await host.request(5, 0x36, Buffer.from([0x0f, 0xfc, 0xff, 60, 1]));
  const lamp = simulator.lamp('plug');
  lamp.join();
  clock.advance(1000);
  for (const transaction of [1, 2, 3]) {
    await host.request(4, 1, dataRequest({ address: lamp.node.address, cluster: 6, data: [0x11, transaction, 2], transaction }));
  }
  assert.equal(simulator.inFlight, 2);
  assert.deepEqual([...(await host.next(isConfirm)).data], [0x11, 1, 3]);
  clock.advance(1000);
  assert.equal(simulator.inFlight, 0);
  assert.equal(simulator.maxInFlight, 2);
  assert.equal(lamp.commands.length, 2);
});

test('a device that sleeps longer than its parent keeps messages is not reached', async (t) => {
  const { clock, simulator, host } = await rawHostFor(t, { devices: [{ kind: 'thermometer', name: 'Window', pollEvery: 60_000 }] });
  await formNetwork(host);
  await registerEndpoint(host);
  await host.request(5, 0x36, Buffer.from([0x0f, 0xfc, 0xff, 60, 1]));
  const { node } = simulator.thermometer('Window');
  simulator.thermometer('Window').join();
  clock.advance(20_000);
  await host.request(4, 1, dataRequest({ address: node.address, cluster: 0, data: [0x00, 1, 0, 5, 0] }));
  clock.advance(6_999);
  assert.equal(simulator.inFlight, 1);
  clock.advance(1);
  assert.deepEqual([...(await host.next(isConfirm)).data], [0xf0, 1, 7], 'transaction expired');
});

test('faults of the line: lost requests, wrong check sequences, frames cut and merged, indications twice', async (t) => {
  const { simulator, host } = await rawHostFor(t);
  simulator.loseRequests(1);
  host.write(encodeFrame(ping));
  simulator.cutFrames('split');
  await host.request(1, 2);
  assert.equal(host.received.length, 1, 'the ping was lost');
  simulator.cutFrames('merged');
  await host.request(1, 2);
  simulator.recover();
  simulator.corruptFrames(1);
  host.write(encodeFrame(ping));
  await host.request(1, 2);
  assert.deepEqual(host.noise, ['checkSequence']);
  simulator.duplicateIndications();
  const before = host.received.length;
  await host.request(5, 0x36, Buffer.from([0x02, 0xfc, 0xff, 0, 1]));
  await host.next(() => host.received.length === before + 5);
  assert.deepEqual(
    host.received.slice(before).map(({ type }) => type),
    [3, 2, 2, 2, 2],
  );
});
