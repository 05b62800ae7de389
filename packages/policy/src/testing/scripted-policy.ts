import {
  assertOptions,
  blankLineFormat,
  type Candidate,
  type Policy,
  type ProposeRequest,
  type StepFormat,
} from '@svo/mdp';
import { countOf, failedCandidates } from '../wrappers/candidates.ts';

/** What a script says next: a step's text, or a whole candidate where its log-probs or its failure matter. */
export type ScriptLine = string | Candidate;

/** Lines by the text of the steps so far (`''` at the start), or a pure function of the request. */
export type Script =
  | Readonly<Record<string, readonly ScriptLine[]>>
  | ((request: ProposeRequest) => readonly ScriptLine[]);

/** Options of `scriptedPolicy`. */
export interface ScriptOptions {
  /** Default `scripted`. */
  readonly id?: string;
  /** Decides which texts end a response. Default `blankLineFormat`. */
  readonly format?: StepFormat;
}

/**
 * A policy that says what it is told: candidate i of a request is line i of the state's script, starting over when the
 * lines run out. Seeds play no part. A state without lines gives a failure of kind `refused`, never a throw.
 *
 * @example
 * ```ts
 * import { scriptedPolicy } from '@svo/policy/testing';
 * const policy = scriptedPolicy({ '': ['2 + 3 = 5\n\n', 'Final Answer: 6'] });
 * const question = { id: 'q', prompt: '2 + 3?' };
 * const candidates = await policy.propose({ question, state: { questionId: 'q', steps: [] }, count: 2, seed: 0 });
 * candidates.map(({ finish }) => finish); // => ['step', 'answer']
 * ```
 */
export function scriptedPolicy(script: Script, options: ScriptOptions = {}): Policy {
  assertOptions('scriptedPolicy', options, ['id', 'format']);
  const { id = 'scripted', format = blankLineFormat } = options;
  const answer = (request: ProposeRequest): readonly Candidate[] => {
    const prefix = request.state.steps.join('');
    const lines = typeof script === 'function' ? script(request) : Object.hasOwn(script, prefix) ? script[prefix]! : [];
    if (lines.length === 0) {
      const message = `scriptedPolicy: no line for the steps ${JSON.stringify(prefix)}`;
      return failedCandidates(request.count, { kind: 'refused', message });
    }
    const candidates: Candidate[] = [];
    for (let line = 0; countOf(candidates) < request.count; line = (line + 1) % lines.length) {
      const room = request.count - countOf(candidates);
      const candidate = toCandidate(lines[line]!, format);
      candidates.push(candidate.count > room ? { ...candidate, count: room } : candidate);
    }
    return candidates;
  };
  const cancelled = (request: ProposeRequest): readonly Candidate[] =>
    failedCandidates(request.count, { kind: 'cancelled', message: 'cancelled by the caller' });
  const propose: Policy['propose'] = async (request, signal) =>
    signal?.aborted ? cancelled(request) : answer(request);
  return {
    id,
    propose,
    proposeMany: (requests, signal) => Promise.all(requests.map((request) => propose(request, signal))),
  };
}

function toCandidate(line: ScriptLine, format: StepFormat): Candidate {
  if (typeof line === 'string') return { text: line, count: 1, finish: format.isTerminal(line) ? 'answer' : 'step' };
  if (!(line.count >= 1)) throw new RangeError(`scriptedPolicy: a candidate's count must be >= 1, got ${line.count}`);
  return line;
}
