import type { Figure } from '../../bench/report.ts';
import type { Evaluation } from '../evaluation.ts';
import { share } from '../tables.ts';
import type { AmbienceTally } from './ambience-worker.ts';
import { sampleFiles } from './samples.ts';
import { tallyDays } from './workers.ts';

const DAYS = 20;
const QUICK_DAYS = 2;

/** Lamps on a bad network and people's hands on them, in the simulated home. */
export const ambience: Evaluation = {
  async run(options) {
    if (options.model !== undefined) return [];
    const days = options.quick ? QUICK_DAYS : DAYS;
    const files = await sampleFiles(options);
    const script = new URL('./ambience-worker.ts', import.meta.url);
    const tallies = await tallyDays<AmbienceTally>(script, { files, days, progress: options.progress });
    const total = (key: keyof AmbienceTally): number => tallies.reduce((sum, tally) => sum + tally[key], 0);
    console.log(
      `\n${total('changes')} changes of lamps in ${total('lampHours').toFixed(0)} lamp hours, ${total('hands')} of them by hands; ` +
        `${total('excluded')} hands (${share(total('excluded') / total('changes'))} of the changes, ${share(total('excluded') / total('hands'))} of the hands) ` +
        'are not counted: commands in flight explain them, or nobody was told of them. ' +
        `Of ${total('mistaken')} echoes that were mistaken, ${total('unmoved')} came of lamps that had answered a command and not carried it out`,
    );
    return figuresOf(total, days);
  },
};

function figuresOf(total: (key: keyof AmbienceTally) => number, days: number): Figure[] {
  const home = `of ${days} seeded days (docs/accuracy.md, Ambience)`;
  const zero = { unit: '', target: 0, better: 'lower', n: total('changes') } as const;
  return [
    {
      name: 'ambience.scene_error_share',
      value: total('wrong') / total('seconds'),
      unit: '',
      target: 0.03,
      better: 'lower',
      n: total('seconds'),
      definition: `share of the lamp time in deviations of over 30 s from the scene that the policy has for the mood that is told, held attributes left out, ${home}`,
    },
    {
      name: 'ambience.commands_per_lamp_hour',
      value: total('commands') / total('lampHours'),
      unit: '1/h',
      target: 12,
      better: 'lower',
      n: total('commands'),
      definition: `commands for each lamp and occupied hour, ${home}`,
    },
    {
      ...zero,
      name: 'ambience.hands_missed',
      value: total('missed'),
      definition: `hands not found, of those whose value no command in flight explains and of which a report or poll arrives, ${home}`,
    },
    {
      name: 'ambience.hands_excluded_share',
      value: total('excluded') / total('hands'),
      unit: '',
      target: 0.03,
      better: 'lower',
      n: total('hands'),
      definition: `hands that do not count, of all hands, ${home}`,
    },
    {
      ...zero,
      name: 'ambience.echoes_mistaken',
      value: total('mistaken'),
      definition: `hands found where there was none, ${home}`,
    },
    {
      ...zero,
      name: 'ambience.holds_broken',
      value: total('broken'),
      definition: `commands that move what a hand set, from when it was found to the end of its hold, ${home}`,
    },
    {
      ...zero,
      name: 'ambience.flash_breaches',
      value: total('flashes'),
      definition: `changes of a lamp that make more than three flashes within a second; at the end of a day somebody changes between two scenes ten times a second for 20 s; ${home}`,
    },
  ];
}
