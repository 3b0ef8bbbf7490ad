import { type Cluster, clusterId } from '../zcl/cluster.ts';
import { zclType } from '../zcl/types.ts';
import { measuring } from './common-clusters.ts';

/** A battery of 3 V, told in tenths of a volt and half percents. */
export class Battery {
  readonly cluster: Cluster;
  #percent = 100;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.cluster = measuring(clusterId.powerConfiguration, [
      [0x0020, zclType.uint8, () => Math.round(20 + this.#percent / 10)],
      [0x0021, zclType.uint8, () => Math.round(this.#percent * 2)],
    ]);
  }

  falls(percent: number): void {
    this.#percent = percent;
    this.#changed();
  }
}
