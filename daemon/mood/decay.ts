/** What is left of 1 after `age` ms, if every `halfLife` ms halves it. An age in the future counts as none. */
export const halfLifeDecay = (age: number, halfLife: number): number => (age <= 0 ? 1 : 2 ** (-age / halfLife));

/** Share by which an average with this time constant moves toward its input in `elapsed` ms; both 0 or more. */
export const smoothingShare = (elapsed: number, timeConstant: number): number =>
  timeConstant === 0 ? 1 : 1 - Math.exp(-Math.max(0, elapsed) / timeConstant);
