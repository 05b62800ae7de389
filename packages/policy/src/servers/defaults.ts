/** Numbers that several options are by default. */
export const defaults = {
  /** Most tokens in a step. */
  maxTokens: 256,
  /** The model's own distribution. */
  temperature: 1,
  /** Texts of a scorer's request. */
  scored: 32,
} as const;
