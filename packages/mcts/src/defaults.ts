/** Numbers that several options are by default. */
export const defaults = {
  /** The longest response, in steps: DVO's and SVPO's. */
  depth: 8,
  /** Candidates of an expansion, and of a step of a beam: DVO's and SVPO's. */
  breadth: 5,
  /** Responses that a question's values are told from. */
  responses: 16,
  /** PUCT's exploration: AlphaZero's, MuZero's and SVPO's. */
  exploration: 1.25,
} as const;
