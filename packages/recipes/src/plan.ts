import type { ReferenceCache, ResponsePair, TokenizableCompletion } from '@svo/data';
import type { Tree } from '@svo/mcts';
import type { StepPair, ValuedTrajectory } from '@svo/mdp';
import type {
  CausalLm,
  FrozenMatrices,
  ModelConfig,
  Params,
  Tokenizer,
  TokenMarks,
  ValueActivation,
} from '@svo/models';
import type { Tensor } from '@svo/tensor';
import type { LossFunction } from '@svo/train';

/** What a recipe asks of every model: log p of tokens, [B, T]. A decoder of `@svo/models` computes it, a model of `@svo/tinker` has it. */
export interface ScoringModel {
  readonly tokenLogps: (params: Params, ids: Tensor, options?: { readonly scored?: TokenMarks }) => Tensor;
}

/** A model whose weights stay as they are, on a server: another model there, or a sampler of saved weights. */
export interface FrozenModel {
  /** log p of each row's tokens, nats, aligned with them; the first entry is 0. */
  readonly logps: (rows: readonly (readonly number[])[]) => Promise<readonly ArrayLike<number>[]>;
}

/** A decoder, here or on a server, and the tokenizer its embedding was made for. */
export interface Learner<M extends ScoringModel = CausalLm> {
  readonly lm: M;
  readonly tokenizer: Tokenizer & { readonly padId: number };
  /**
   * Architecture of the value network that DQO, OREO and DRO (and SVPO, where the policy is on a server) train here. It reads the
   * same ids. The policy's own by default.
   */
  readonly values?: ModelConfig;
}

/** The numbers of one training. What an objective does not use it ignores: β means nothing to RFT. */
export interface Settings {
  /** β, the strength of the anchor to the reference. */
  readonly beta: number;
  /** The peak of the learning rate; `planOptimizer` says how it rises and falls. */
  readonly learningRate: number;
  /** Rows of an update: trajectories, pairs or labelled completions, whatever the objective compares. */
  readonly batchSize: number;
  /** How many updates; the material is gone through as often as that takes. */
  readonly updates: number;
  /** Passes over the material, instead of `updates`. */
  readonly epochs?: number;
  /** Weight of an SFT term on the right trajectories beside the objective's own loss; 0 by default. */
  readonly sftWeight?: number;
  /** The most tokens of a row, prompt and end included. A longer one is left out, a pair as a whole; `Plan.dropped` counts them. No limit by default. */
  readonly maxLength?: number;
}

/** A preference as rows hold it: two whole responses, or two steps with what came before them. */
export type PairRow = StepPair | (ResponsePair & { readonly questionId: string });

/** A completion as rows hold it, desirable or not where somebody said so. */
export interface CompletionRow extends TokenizableCompletion {
  readonly questionId: string;
  readonly label?: boolean;
}

/** A trajectory whose steps somebody judged: TRL's stepwise rows, PRM800K's, Math-Shepherd's. */
export interface JudgedTrajectory extends ValuedTrajectory {
  /** Whether each step is right. */
  readonly labels?: readonly boolean[];
}

/** What an objective may learn from: trajectories and trees of the questions, rows that others wrote, and the frozen reference. */
export interface Material {
  readonly learner: Learner<ScoringModel>;
  /** Trees by search, or by any other way that has a name there; what compares siblings looks at them. */
  readonly trees: readonly Tree[];
  readonly trajectories: readonly JudgedTrajectory[];
  /** Preferences that somebody wrote down: DPO, Step-DPO, SVPO and every other loss over pairs learn from them too. */
  readonly pairs?: readonly PairRow[];
  /** Completions that somebody wrote down: SFT learns from those that are not undesirable, KTO and its kin from labelled ones. */
  readonly completions?: readonly CompletionRow[];
  /** Weights of the reference, which are read and never changed, or a frozen model on a server. */
  readonly reference: Params | FrozenModel;
  /** Where log π_ref of each step is kept between trainings and runs: `referenceCache` of `@svo/data`, of these weights. */
  readonly referenceCache?: Pick<ReferenceCache, 'fill'>;
  readonly settings: Settings;
  /** Orders the batches and draws what the objective trains beside the policy. */
  readonly seed: number;
}

/** Ready to train: batches from a cursor on, how many updates they make, and the loss of one. */
export interface Plan<B extends object> {
  /** 0 where the material does not fill one batch: then there is nothing to train. */
  readonly updates: number;
  /** Rows that `settings.maxLength` left out, and DQO's that came without draws among others that have some. */
  readonly dropped?: number;
  /** Matrices that the learner holds outside its parameters: a checkpoint of the training is known by them too. */
  readonly frozen?: FrozenMatrices | undefined;
  /** From the beginning, or from the cursor of the last batch that was used. */
  readonly batches: (cursor?: unknown) => Iterable<B>;
  readonly loss: LossFunction<B>;
  /**
   * Where what is trained is a value model and no policy any more: what its head's number goes through. `saveValueNetwork` of `valueNetwork(config, values)` saves it,
   * and `localValueModel` searches with it.
   */
  readonly values?: ValueActivation;
  /** Parameters the objective trains beside the policy's (a value head, a value network), drawn afresh. The caller disposes them. */
  readonly extras?: () => Params;
}
