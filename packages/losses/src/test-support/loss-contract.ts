import { agreement } from './contract/agreement.ts';
import { edges } from './contract/edges.ts';
import { invariance } from './contract/invariance.ts';
import { refusalMessages } from './contract/refusal-messages.ts';
import type { LossCase } from './loss-case.ts';

/** The laws every loss obeys, as tests: one line a loss. */
export function lossContract(subject: LossCase): void {
  agreement(subject);
  invariance(subject);
  edges(subject);
  refusalMessages(subject);
}
