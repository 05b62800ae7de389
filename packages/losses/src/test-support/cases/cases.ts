/** Input specifications shared by several tests. */
import type { InputSpecs } from '../../manifest/manifest.ts';

/** KTO: examples and mismatched pairs. */
export const ktoSpecs: InputSpecs = {
  policyLogps: { shape: 'B', kind: 'logps', trained: true },
  referenceLogps: { shape: 'B', kind: 'reference' },
  labels: { shape: 'B', kind: 'labels' },
  policyKlLogps: { shape: 'M', kind: 'logps' },
  referenceKlLogps: { shape: 'M', kind: 'reference' },
};

/** DQO and OREO: tokens with values and rewards. `trained` is the input that carries gradient. */
export const tokenSpecs = (trained: 'policyLogps' | 'values'): InputSpecs => ({
  policyLogps: { shape: 'B T', kind: 'logps', ...(trained === 'policyLogps' ? { trained: true } : {}) },
  referenceLogps: { shape: 'B T', kind: 'reference' },
  values: { shape: 'B T', kind: 'values', ...(trained === 'values' ? { trained: true } : {}) },
  rewards: { shape: 'B T', kind: 'rewards' },
  mask: { shape: 'B T', kind: 'mask' },
});

/** The value losses. */
export const valueSpecs: InputSpecs = {
  values: { shape: 'B S', kind: 'values', trained: true },
  targets: { shape: 'B S', kind: 'values' },
  mask: { shape: 'B S', kind: 'mask' },
};

/** Both sides' log-probs and lengths. */
export const lengthSpecs: InputSpecs = {
  policyChosenLogps: { shape: 'B', kind: 'logps', trained: true },
  policyRejectedLogps: { shape: 'B', kind: 'logps', trained: true },
  chosenLengths: { shape: 'B', kind: 'lengths' },
  rejectedLengths: { shape: 'B', kind: 'lengths' },
};
