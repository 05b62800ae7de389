/** How a paper trained with its objective. */
export interface PaperRate {
  /** The peak of the learning rate. */
  readonly learningRate: number;
  /** How it rose and fell, batches and epochs, where the paper says so. */
  readonly schedule?: string;
  /** Models and questions that it was tried on: what it says nothing about is everything else. */
  readonly triedOn: string;
}

const dvo = {
  learningRate: 5e-7,
  schedule: 'cosine, a tenth of warm-up, 3 epochs a round',
  triedOn: 'DeepSeek-Math 7B, Llama 3 8B and 70B Instruct on GSM8K and MATH, 3 rounds',
} as const;

/**
 * The papers' learning rates by the names of `paperPresets`, and what they were tried on: models of billions of weights, all of
 * them. A model of sixty thousand wanted 3e-5 to 1e-3: `defaultSettings` of `@svo/recipes`, and docs/study.md for how much it matters.
 *
 * @example
 * ```ts
 * import { paperRates } from '@svo/losses';
 * paperRates.dvo.learningRate; // => 5e-7
 * ```
 */
export const paperRates: Readonly<
  Record<'dvo' | 'ktoInDvo' | 'svpo' | 'svpoPretraining' | 'oreoToken' | 'dro' | 'stepDpo7b' | 'stepDpo72b', PaperRate>
> = {
  dvo,
  ktoInDvo: dvo,
  svpo: {
    learningRate: 5e-6,
    schedule: 'cosine, 0.03 of warm-up, batches of 512, 1 epoch',
    triedOn: 'models of 7B on GSM8K and MATH',
  },
  svpoPretraining: {
    learningRate: 2e-5,
    schedule: 'cosine, 0.03 of warm-up, batches of 512, 10 epochs',
    triedOn: 'models of 7B on GSM8K and MATH',
  },
  oreoToken: {
    learningRate: 5e-6,
    schedule: 'batches of 128, 1 epoch at 1.5B, 2 at 7B; the critic of 7B on LoRA adapters (rank 64) 1e-4',
    triedOn: 'Qwen2.5-Math 1.5B and DeepSeekMath 7B Instruct on GSM8K and MATH; MiniCPM 2B on ALFWorld, 3 epochs',
  },
  dro: {
    learningRate: 1e-4,
    schedule: 'Adafactor, batches of 32, rewards scaled to mean 0 and variance 1',
    triedOn: 'T5 encoder–decoders (L and XL) on UltraFeedback',
  },
  stepDpo7b: {
    learningRate: 5e-7,
    schedule: 'AdamW, cosine, a tenth of warm-up, batches of 128, 8 epochs',
    triedOn: 'Qwen2 7B and DeepSeekMath 7B on ten thousand step pairs of mathematics',
  },
  stepDpo72b: {
    learningRate: 5e-7,
    schedule: 'AdamW, cosine, a tenth of warm-up, batches of 128, 4 epochs',
    triedOn: 'Qwen2 72B on ten thousand step pairs of mathematics',
  },
};
