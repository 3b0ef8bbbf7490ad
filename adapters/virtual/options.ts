import { z } from 'zod';
import type { Capabilities } from '../../daemon/devices/device.ts';

const lamp = z.strictObject({
  id: z.string().regex(/^[a-z0-9_-]{1,40}$/),
  name: z.string().min(1).max(80),
  /** What the lamp can do: everything, whites only, dimming only, or on and off alone. */
  kind: z.enum(['color', 'tunable', 'dimmable', 'switch']).default('color'),
});

export const virtualOptions = z.strictObject({
  lamps: z.array(lamp).default([{ id: 'lamp', name: 'Virtual lamp', kind: 'color' }]),
});

export type VirtualOptions = z.infer<typeof virtualOptions>;
export type LampOptions = VirtualOptions['lamps'][number];

const brightness = { min: 1 };
const colorTemperature = { min: 2000, max: 6500 };

/** The corners of sRGB (IEC 61966-2-1), so that a panel can show exactly what the lamp shows. */
const gamut = [
  { x: 0.64, y: 0.33 },
  { x: 0.3, y: 0.6 },
  { x: 0.15, y: 0.06 },
] as const;

export const CAPABILITIES: Record<LampOptions['kind'], Capabilities> = {
  color: { on: true, brightness, colorTemperature, color: { gamut } },
  tunable: { on: true, brightness, colorTemperature },
  dimmable: { on: true, brightness },
  switch: { on: true },
};
