import { MemoryState } from './state.memory.ts';

/** The state of tests. */
export class FakeState extends MemoryState {}
