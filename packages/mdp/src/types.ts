/**
 * The stepwise MDP of DVO (2502.13723, section 4.1) and SVPO (2406.10858, section 3.1) as plain records.
 * Every type can be written to disk as JSON, read elsewhere, and continued from.
 */

/** A task with, usually, a checkable answer. `id` is the key everywhere; two questions may share a text. */
export interface Question {
  readonly id: string;
  readonly prompt: string;
  readonly answer?: string;
}

/**
 * What a model drew for one step: its own token ids, and the natural log-probability of each under the policy that drew it
 * (its behaviour policy): the model's own, before temperature, top-k and top-p, as the policies here and most servers give it. Together
 * they decode to the step's text exactly; a step that was cut inside a token has none.
 */
export interface Draw {
  readonly tokenIds: readonly number[];
  /** One a token, nats, aligned with `tokenIds`. */
  readonly logps: readonly number[];
}

/** s_t: a question and the steps taken so far. A step's text keeps its delimiter, so that joining is concatenation. */
export interface State {
  readonly questionId: string;
  readonly steps: readonly string[];
  /** What was drawn for each step, where it is known: who continues the state need not tokenise the text again. */
  readonly draws?: readonly (Draw | undefined)[];
}

/** A step as a model wrote it, delimiter included. */
export type Step = string;

/** How a candidate step ended: a full step, a final answer, out of tokens, or a failure. A failure is a value. */
export type Finish = 'step' | 'answer' | 'length' | 'error';

/**
 * What went wrong while proposing or scoring; never thrown across a tree, always kept on a node.
 *
 * `unparsable` and `too-large` say that the model itself wrote something that is no step: that counts against it. Every other
 * kind says that a server or the way to it failed: the draw is lost, and lost draws count for nothing.
 */
export interface Failure {
  readonly kind:
    | 'timeout'
    | 'rate-limit'
    | 'server'
    | 'connection'
    | 'malformed'
    | 'cancelled'
    | 'too-large'
    | 'unparsable'
    | 'refused';
  readonly message: string;
  /** How long the server asked us to wait before the next try (HTTP `Retry-After`), in milliseconds. */
  readonly retryAfterMs?: number;
}

/** a_t as proposed: one sampled continuation. Equal texts may be merged; `count` keeps how often it was drawn. */
export interface Candidate {
  readonly text: Step;
  readonly tokenIds?: readonly number[];
  /** Natural log-probability of each token, aligned with the model's own tokens. */
  readonly logps?: readonly number[];
  readonly count: number;
  readonly finish: Finish;
  readonly failure?: Failure;
}

/** What a judge says. `equivalent: undefined` means undecided, which the caller maps to a reward. */
export interface Verdict {
  readonly equivalent: boolean | undefined;
  /** How the verdict was reached, in a word or two: `'integer'`, `'numeric'`, `'symbolic'`, `'no answer'`, … */
  readonly how: string;
  /** The answer extracted from the response, when there was one. */
  readonly answer?: string;
}

/**
 * Judges a whole response (steps joined) to a question. Pure, synchronous, and for any response a verdict, never an error. A
 * question it can't judge at all (without an answer, say) is an error: no response to it would be right or wrong.
 */
export interface Verifier {
  (question: Question, response: string): Verdict;
  /** Names the judge with its settings: journals and trees keep it, so that none is continued under another judge. */
  readonly id?: string;
  /** Whether it compares with `question.answer`: a search then refuses a question without one before anything is asked. */
  readonly needsAnswer?: boolean;
}

/** One request for next steps. The seed makes the draw reproducible and independent of every other request. */
export interface ProposeRequest {
  readonly question: Question;
  readonly state: State;
  /** How many candidates to draw, before merging of equal ones. */
  readonly count: number;
  readonly seed: number;
}

/** π(a | s): proposes next steps. `proposeMany` answers a batch in one call, in the order of the requests. */
export interface Policy {
  /** Identifies weights and sampling settings: the same id, request and seed give the same candidates. */
  readonly id: string;
  readonly propose: (request: ProposeRequest, signal?: AbortSignal) => Promise<readonly Candidate[]>;
  readonly proposeMany?: (
    requests: readonly ProposeRequest[],
    signal?: AbortSignal,
  ) => Promise<readonly (readonly Candidate[])[]>;
}

/** V(s) from a model. Values are in the units of the rewards it was trained on, ±1 unless it says otherwise. */
export interface ValueModel {
  readonly id: string;
  readonly values: (
    requests: readonly { readonly question: Question; readonly state: State }[],
    signal?: AbortSignal,
  ) => Promise<readonly number[]>;
}

/** s_0, a_0, …, s_T with the outcome reward at the end. */
export interface Trajectory {
  readonly questionId: string;
  readonly prompt: string;
  readonly steps: readonly Step[];
  /** Outcome reward r(s_{T−1}, a_{T−1}), ±1 by default. */
  readonly reward: number;
  /** What was drawn for each step, where it is known: token ids and log-probs go to the example as they came. */
  readonly draws?: readonly (Draw | undefined)[];
}

/**
 * A trajectory with its search values. `values` holds V(s_0) … V(s_T), one more than `steps`, V(s_T) = 0;
 * `credits[t]` = r_t + V(s_{t+1}) − V(s_t) (DVO, eq. 10).
 */
export interface ValuedTrajectory extends Trajectory {
  readonly values: readonly number[];
  readonly credits: readonly number[];
  /** N(s_{t+1}) of each step's node. */
  readonly visits?: readonly number[];
}

/** How the rejected side of a pair relates to the chosen one in the tree (SVPO, Algorithm 1). */
export type PairKind = 'sibling' | 'cousin' | 'terminal';

/** One side of a step pair: the steps before it and the step itself. */
export interface PairSide {
  readonly prefix: readonly Step[];
  readonly step: Step;
  readonly value: number;
  /** What was drawn for each step of the prefix and then for the step itself, where it is known. */
  readonly draws?: readonly (Draw | undefined)[];
}

/** A preferred step and a rejected one. Siblings share their prefix; cousins and terminals each keep their own. */
export interface StepPair {
  readonly questionId: string;
  readonly prompt: string;
  readonly kind: PairKind;
  readonly chosen: PairSide;
  readonly rejected: PairSide;
}

/**
 * A message of a conversation, as TRL and chat templates have it. `content` is null or absent beside tool calls; templates
 * may read further keys (`tool_calls`, `name`, `reasoning_content`).
 */
export interface Message {
  readonly role: string;
  readonly content?: string | null | undefined;
  readonly [key: string]: unknown;
}
