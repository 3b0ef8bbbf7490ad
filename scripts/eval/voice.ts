import type { Evaluation } from './evaluation.ts';
import { isModelOf } from './models.ts';
import { evaluateActivity } from './voice-activity.ts';
import { evaluateArousal } from './voice-arousal.ts';

/** Voice activity and arousal; with --model only the role of that model. */
export const voice: Evaluation = {
  async run(options) {
    const { model } = options;
    const concerns = async (role: 'voice-activity' | 'voice-arousal') => model === undefined || (await isModelOf(role, model));
    const arousal = (await concerns('voice-arousal')) ? await evaluateArousal(options) : [];
    const activity = (await concerns('voice-activity')) ? await evaluateActivity(options) : [];
    return [...arousal, ...activity];
  },
};
