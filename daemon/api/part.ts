/** A part with a life. The constructor does nothing but remember; the hub starts parts from the ground up and closes them in reverse. */
export interface Part {
  start(): Promise<void>;
  /** Ends everything the part opened: timers, sockets, children. May be called more than once, and before `start`. */
  close(): Promise<void>;
}
