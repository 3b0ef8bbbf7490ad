import { Perception } from './perception/perception.ts';
import { runSenses } from './run.ts';

/** Entry of the senses process. */
runSenses((options) => new Perception(options));
