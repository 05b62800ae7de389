import type { LossCase } from '../cases/loss-case.ts';
import { agreement } from './agreement.ts';
import { edges } from './edges.ts';
import { invariance } from './invariance.ts';
import { refusalMessages } from './refusal-messages.ts';

/** The laws every loss obeys, as tests: one line a loss. */
export function lossContract(subject: LossCase): void {
  agreement(subject);
  invariance(subject);
  edges(subject);
  refusalMessages(subject);
}
