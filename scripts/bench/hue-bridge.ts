/** A Hue bridge in a process of its own, so that its clock is not held up by whoever talks to it. Tells by IPC what arrives. */
import { HueBridgeSimulator } from '../../test/simulators/hue/simulator.ts';

const bridge = new HueBridgeSimulator({ lamps: [{ kind: 'color', name: 'Lamp' }] });
await bridge.start();
bridge.pressLinkButton();
process.send?.({ address: bridge.address, bridgeId: bridge.bridgeId, light: bridge.light('Lamp').id });
process.on('message', () => {
  const commands = bridge.requests.filter(({ method, path }) => method === 'PUT' && path.includes('/resource/light/'));
  process.send?.({ commands: commands.map(({ firstByteAt, path }) => ({ firstByteAt, path })) });
});
process.on('disconnect', () => process.exit());
