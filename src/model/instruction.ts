/** Characters that are kept of the instruction that made a layer. */
export const MAX_INSTRUCTION = 4096;
