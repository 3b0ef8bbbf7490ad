import type { Emotion } from '../../daemon/mood/emotion.ts';

/** What the names of clips tell in EmoDB and in RAVDESS. */

/** By the sixth letter of an EmoDB name; boredom (L) is none of the emotions. */
export const EMODB: Readonly<Record<string, Emotion>> = {
  N: 'neutral',
  F: 'happiness',
  T: 'sadness',
  W: 'anger',
  A: 'fear',
  E: 'disgust',
};

/** By what `emotionOf` gives; 02 is calm. */
export const RAVDESS: Readonly<Record<string, Emotion>> = {
  '01': 'neutral',
  '02': 'neutral',
  '03': 'happiness',
  '04': 'sadness',
  '05': 'anger',
  '06': 'fear',
  '07': 'disgust',
  '08': 'surprise',
};

/** Numbers in a RAVDESS name: emotion 01 to 08 (neutral, calm, happy, sad, angry, fearful, disgusted, surprised), actor. */
export const emotionOf = (name: string): string => name.split('-')[2] ?? '';
export const actorOf = (name: string): string => name.split('-')[6] ?? '';
