/** As docs and logs name them, in the order of the documented log format. */
export const FEELINGS = ['neutral', 'happiness', 'sadness', 'anger', 'surprise', 'fear', 'disgust'] as const;

export type Feeling = (typeof FEELINGS)[number];

/** How often an episode is of each, before none follows itself. A convention: mostly calm, then glad, seldom the rest. */
export const SHARES: Readonly<Record<Feeling, number>> = {
  neutral: 0.4,
  happiness: 0.25,
  sadness: 0.1,
  anger: 0.1,
  surprise: 0.05,
  fear: 0.05,
  disgust: 0.05,
};

/** The quadrant of the circumplex that Russell & Mehrabian (1977) rate each term into. */
export const LABELS: Readonly<Record<Feeling, string>> = {
  neutral: 'neutral',
  happiness: 'cheerful',
  sadness: 'low',
  anger: 'tense',
  surprise: 'cheerful',
  fear: 'tense',
  disgust: 'tense',
};

export const isFeeling = (name: string): name is Feeling => (FEELINGS as readonly string[]).includes(name);
