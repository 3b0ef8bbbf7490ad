import type { Evaluation } from './evaluation.ts';
import { isModelOf } from './models.ts';
import { withCorpora } from './utterances.ts';
import { evaluateActivity } from './voice-activity.ts';
import { evaluateArousal } from './voice-arousal.ts';
import { evaluateEmotion } from './voice-emotion.ts';

type VoiceRole = 'voice-activity' | 'voice-arousal' | 'voice-emotion';

/** Voice activity, arousal and emotions; with --model only the role of that model. */
export const voice: Evaluation = {
  async run(options) {
    const { model } = options;
    const concerns = async (role: VoiceRole) => model === undefined || (await isModelOf(role, model));
    const [arousal, emotion] = [await concerns('voice-arousal'), await concerns('voice-emotion')];
    const heard =
      arousal || emotion
        ? await withCorpora(options, async (corpora) => {
            if (emotion) evaluateEmotion(corpora, options);
            return arousal ? evaluateArousal(corpora) : [];
          })
        : [];
    const activity = (await concerns('voice-activity')) ? await evaluateActivity(options) : [];
    return [...heard, ...activity];
  },
};
