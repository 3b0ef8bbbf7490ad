/** What a person may say of a room: `right` and `wrong` are about its mood, `not_now` is about the scene that the mood asked for. */
export const VERDICTS = ['right', 'wrong', 'not_now'] as const;

export type Verdict = (typeof VERDICTS)[number];
