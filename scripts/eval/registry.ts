import type { Evaluation } from './evaluation.ts';

/** Every evaluation by the prefix of its figures. One line each. */
export const evaluations: Record<string, () => Promise<Evaluation>> = {
  face: async () => (await import('./face.ts')).face,
  detector: async () => (await import('./detector.ts')).detector,
  conditions: async () => (await import('./face-conditions.ts')).conditions,
  text: async () => (await import('./text.ts')).text,
  voice: async () => (await import('./voice.ts')).voice,
  mood: async () => (await import('./home/mood.ts')).mood,
  ambience: async () => (await import('./home/ambience.ts')).ambience,
};
