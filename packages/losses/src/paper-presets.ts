/**
 * The papers' settings by objective, as plain records: spread them into a loss's options. `weights` are what the paper multiplies
 * the terms of its total with, and no option of a loss: take them out first (`const { weights, ...options } = paperPresets.svpo`). Where a paper leaves a number open, docs/papers.md says where ours is from.
 * `paperRates` has the learning rates, and what they were tried on.
 *
 * @example
 * ```ts
 * import { paperPresets } from '@svo/losses';
 * paperPresets.dvo.beta; // => 0.1
 * paperPresets.svpo.weights; // => { preference: 1, sft: 5, value: 0.25 }
 * ```
 */
export const paperPresets: {
  readonly dvo: { readonly beta: 0.1; readonly scale: 0.5; readonly reduction: 'row' };
  readonly svpo: {
    readonly beta: 0.1;
    readonly margin: 0.5;
    readonly marginWeight: 0.25;
    readonly regularizerWeight: 0.001;
    readonly regularizerTarget: 'value';
    /** L = preference·svpoLoss + sft·sftLoss(chosen) + value·valueLoss. */
    readonly weights: { readonly preference: 1; readonly sft: 5; readonly value: 0.25 };
  };
  /** Before SVPO's preference stage: SFT on positives, values on all. */
  readonly svpoPretraining: { readonly weights: { readonly sft: 1; readonly value: 0.01 } };
  readonly dqo: {
    readonly beta: 0.03;
    readonly lambda: 1;
    readonly importanceClip: number;
    readonly policyTarget: 'literal';
  };
  readonly oreoToken: { readonly beta: 0.03; readonly level: 'token'; readonly klWeight: 0.01 };
  readonly oreoStep: { readonly beta: 0.03; readonly level: 'step'; readonly klWeight: 0.1 };
  readonly oreoResponse: { readonly beta: 0.03; readonly level: 'response'; readonly klWeight: 0.3 };
  readonly dro: { readonly tau: 1 };
  readonly dpo: { readonly beta: 0.1 };
  readonly conservativeDpo: { readonly beta: 0.1; readonly labelSmoothing: 0.2 };
  readonly ipo: { readonly beta: 0.1 };
  readonly simpo: { readonly beta: 10; readonly margin: 3 };
  /** As the paper says (2406.18629, section 4.1); the scripts of its repository have the two the other way round. */
  readonly stepDpo7b: { readonly beta: 0.4 };
  readonly stepDpo72b: { readonly beta: 0.5 };
  readonly kto: { readonly beta: 0.1; readonly desirableWeight: 1; readonly undesirableWeight: 1 };
  /** DVO's KTO baseline. */
  readonly ktoInDvo: { readonly beta: 0.1; readonly desirableWeight: 1.33; readonly undesirableWeight: 1 };
} = {
  dvo: { beta: 0.1, scale: 0.5, reduction: 'row' },
  svpo: {
    beta: 0.1,
    margin: 0.5,
    marginWeight: 0.25,
    regularizerWeight: 0.001,
    regularizerTarget: 'value',
    weights: { preference: 1, sft: 5, value: 0.25 },
  },
  svpoPretraining: { weights: { sft: 1, value: 0.01 } },
  dqo: { beta: 0.03, lambda: 1, importanceClip: Math.E, policyTarget: 'literal' },
  oreoToken: { beta: 0.03, level: 'token', klWeight: 0.01 },
  oreoStep: { beta: 0.03, level: 'step', klWeight: 0.1 },
  oreoResponse: { beta: 0.03, level: 'response', klWeight: 0.3 },
  dro: { tau: 1 },
  dpo: { beta: 0.1 },
  conservativeDpo: { beta: 0.1, labelSmoothing: 0.2 },
  ipo: { beta: 0.1 },
  simpo: { beta: 10, margin: 3 },
  stepDpo7b: { beta: 0.4 },
  stepDpo72b: { beta: 0.5 },
  kto: { beta: 0.1, desirableWeight: 1, undesirableWeight: 1 },
  ktoInDvo: { beta: 0.1, desirableWeight: 1.33, undesirableWeight: 1 },
};
