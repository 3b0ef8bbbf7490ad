/** Something that a host should never send. */
export type ViolationKind =
  | 'stray-bytes'
  | 'bad-check-sequence'
  | 'too-long'
  | 'frame-type'
  | 'unknown-command'
  | 'wrong-length'
  | 'unregistered-endpoint'
  | 'unknown-address'
  | 'not-started'
  | 'malformed-zcl';

export interface Violation {
  kind: ViolationKind;
  detail: string;
}

/** What the host did wrong so far, so that a test can assert that it was nothing. */
export class Violations {
  readonly all: Violation[] = [];

  add(kind: ViolationKind, detail: string): void {
    this.all.push({ kind, detail });
  }
}
