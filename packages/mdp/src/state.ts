import type { StepFormat } from './formats/format.ts';
import type { Question, State, Step } from './types.ts';

/**
 * s_0: a question and no step.
 *
 * @example
 * ```ts
 * import { initialState } from '@svo/mdp';
 * initialState({ id: 'q1', prompt: 'What is 2 + 3?' }); // => { questionId: 'q1', steps: [] }
 * ```
 */
export function initialState(question: Question): State {
  return { questionId: question.id, steps: [] };
}

/**
 * s_{t+1} = s_t followed by a_t: the deterministic transition of DVO 4.1, concatenation.
 *
 * @throws RangeError for an empty step, which would leave the state as it was
 * @example
 * ```ts
 * import { initialState, transition } from '@svo/mdp';
 * const state = transition(initialState({ id: 'q1', prompt: '2 + 3?' }), '2 + 3 = 5\n\n');
 * state.steps; // => ['2 + 3 = 5\n\n']
 * ```
 */
export function transition(state: State, step: Step): State {
  if (step === '')
    throw new RangeError('transition: step must not be empty (an empty candidate is a failure, not a step)');
  return { questionId: state.questionId, steps: [...state.steps, step] };
}

/**
 * Whether a state ends its trajectory: its last step is terminal in the format, or it has `maxSteps` steps.
 *
 * @param maxSteps the depth limit; none by default
 * @example
 * ```ts
 * import { blankLineFormat, isTerminal } from '@svo/mdp';
 * isTerminal({ questionId: 'q1', steps: ['2 + 3 = 5\n\n'] }, blankLineFormat); // => false
 * isTerminal({ questionId: 'q1', steps: ['2 + 3 = 5\n\n', 'Final Answer: 5\n\n'] }, blankLineFormat); // => true
 * ```
 */
export function isTerminal(state: State, format: StepFormat, maxSteps: number = Number.POSITIVE_INFINITY): boolean {
  const last = state.steps.at(-1);
  return last !== undefined && (state.steps.length >= maxSteps || format.isTerminal(last));
}

/**
 * The text a model continues: the prompt, then every step with its delimiter.
 *
 * @throws RangeError when the state belongs to another question
 * @example
 * ```ts
 * import { renderPrefix } from '@svo/mdp';
 * renderPrefix({ id: 'q1', prompt: '2 + 3?\n' }, { questionId: 'q1', steps: ['2 + 3 = 5\n\n'] }); // => '2 + 3?\n2 + 3 = 5\n\n'
 * ```
 */
export function renderPrefix(question: Question, state: State): string {
  if (question.id !== state.questionId) {
    throw new RangeError(`renderPrefix: state must belong to question '${question.id}', got '${state.questionId}'`);
  }
  return question.prompt + state.steps.join('');
}
