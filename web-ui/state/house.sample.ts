import type { DeviceView, HouseView, RoomView, SourceView } from '../../daemon/api/views.ts';
import type { Mood } from '../../daemon/mood/mood.ts';

/** Views for tests: plausible, and the same every time. */
export const START = Date.UTC(2026, 10, 1, 12);

export function sampleMood(change: Partial<Mood> = {}): Mood {
  return {
    v: 1,
    room: 'living-room',
    at: START,
    label: 'calm',
    emotion: 'neutral',
    probabilities: { neutral: 0.7, happiness: 0.1, sadness: 0.05, anger: 0.05, surprise: 0.05, fear: 0.03, disgust: 0.02 },
    valence: 0.3,
    arousal: -0.4,
    stress: 20,
    hiddenStress: false,
    confidence: 0.8,
    occupancy: true,
    people: 1,
    contributions: [{ source: 'ceiling', modality: 'face', weight: 1 }],
    ...change,
  };
}

export function sampleSource(change: Partial<SourceView> = {}): SourceView {
  return {
    id: 'ceiling',
    room: 'living-room',
    kind: 'camera',
    enabled: true,
    state: 'live',
    rate: 5,
    dropped: 0,
    problem: null,
    ...change,
  };
}

export function sampleDevice(change: Partial<DeviceView> = {}): DeviceView {
  return {
    id: 'virtual:lamp',
    name: 'Floor lamp',
    adapter: 'virtual',
    rooms: ['living-room'],
    capabilities: { on: true, brightness: { min: 1 }, colorTemperature: { min: 2200, max: 6500 }, color: {} },
    available: true,
    values: { on: true, brightness: 60, colorTemperature: 2700 },
    readings: {},
    permissions: { rooms: null, rungs: null },
    why: {},
    holds: {},
    ...change,
  };
}

export function sampleRoom(change: Partial<RoomView> = {}): RoomView {
  return {
    id: 'living-room',
    name: 'Living room',
    mode: 'auto',
    mood: sampleMood(),
    scene: null,
    moodScene: null,
    suggestion: null,
    ambience: true,
    intensity: 100,
    scenes: [{ id: 'calm', name: 'Calm evening', own: false }],
    told: false,
    sources: [sampleSource()],
    devices: ['virtual:lamp'],
    illuminance: null,
    ...change,
  };
}

export function sampleHouse(change: Partial<HouseView> = {}): HouseView {
  return {
    hub: { id: 'h', name: 'Home', version: '0.1.0', startedAt: START, timezone: 'Europe/Berlin', language: 'en' },
    sensing: true,
    demo: false,
    config: { file: '/data/roomtone.yaml', state: 'ok', restartRequired: [] },
    https: null,
    mqtt: { kind: 'embedded', url: 'mqtt://127.0.0.1:1883', connected: true },
    scenes: [{ id: 'calm', name: 'Calm evening' }],
    problems: [],
    rooms: [sampleRoom()],
    devices: [sampleDevice()],
    ...change,
  };
}
