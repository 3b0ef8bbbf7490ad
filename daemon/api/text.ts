/** The source that stands for what people write to a room: every room has it, and no configuration names it. */
export const TEXT_SOURCE = 'text';

/** Longest message to a room, in UTF-16 units. */
export const MAX_TEXT = 4000;
