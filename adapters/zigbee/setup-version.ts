/** Bump it where nodes that were set up already must be set up anew. */
export const SETUP = 1;
