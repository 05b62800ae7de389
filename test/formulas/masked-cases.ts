/** What the formulas of masked losses in docs/losses.md should give on one slot of random numbers, from the float64 reference: made from their manifests. */
import * as losses from '@svo/losses';
import * as reference from '@svo/losses/reference';
import { by, type CaseOf, drawn, ell, signed } from './pair-cases.ts';

type Manifest = losses.Manifest;
type Run = (inputs: object, options: object) => { value: number; gradients: Readonly<Record<string, unknown>> };

/** An input's name in a formula, where its manifest gives none. */
const usual: Readonly<Record<string, string>> = {
  ...{ behaviorLogps: 'm', advantages: 'A', credits: 'c', rewards: 'r' },
  ...{ values: 'V', targets: 'y', labels: 'y', logits: 'z' },
};

/** A loss on one slot: every input and every option that has a symbol drawn, the reference's log-prob 0, so that the policy's is Δ. */
function maskedCase({ name, inputs, options }: Manifest): CaseOf {
  const run = (reference as unknown as Record<string, Run>)[name]!;
  const anchored = 'referenceLogps' in inputs;
  const symbolOf = (input: string): string => {
    const symbol = inputs[input]!.symbol ?? (input === 'policyLogps' ? (anchored ? 'Delta' : 'p') : usual[input]);
    if (symbol === undefined) throw new Error(`${name}: ${input} has no name in formulas: say symbol in the manifest`);
    return symbol;
  };
  const given = Object.entries(inputs).filter(([, { optional, kind }]) => !optional && kind !== 'mask');
  return (uniform) => {
    const of = (kind: string, input: string): number => {
      if (kind === 'reference') return 0;
      if (kind === 'labels') return uniform() < 0.5 ? 0 : 1;
      return kind === 'logps' && input !== 'logits' && !anchored ? Math.log(0.05 + 0.9 * uniform()) : signed(uniform);
    };
    const numbers = Object.fromEntries(given.map(([input, { kind }]) => [input, of(kind, input)]));
    const named = Object.entries(options).filter(([, { symbol }]) => symbol !== undefined);
    const chosen = Object.fromEntries(named.map(([option, spec]) => [option, drawn(spec, uniform)]));
    const rows = Object.fromEntries(
      given.map(([input, { shape }]) => [input, shape === 'B' ? [numbers[input]!] : [[numbers[input]!]]]),
    );
    const { value, gradients } = run({ ...rows, mask: [[1]] }, chosen);
    const slopes = given
      .filter(([, { trained }]) => trained === true)
      .map(([input]) => {
        const variable = { p: String.raw`\log\pi`, Delta: String.raw`\Delta` }[symbolOf(input)] ?? symbolOf(input);
        return [by(variable), (gradients[input] as number[][])[0]![0]!] as const;
      });
    return {
      numbers: {
        ...Object.fromEntries(
          given.filter(([, { kind }]) => kind !== 'reference').map(([input]) => [symbolOf(input), numbers[input]!]),
        ),
        ...(!anchored && 'policyLogps' in inputs ? { Pi: Math.exp(numbers.policyLogps!) } : {}),
        ...Object.fromEntries(named.map(([option, { symbol }]) => [symbol!, chosen[option]!])),
      },
      expected: { [ell]: value, ...Object.fromEntries(slopes) },
    };
  };
}

/** Every loss with a mask whose inputs are of its own rows alone, by export; `slotCases` says those of which one slot does not say all. */
export const maskedCases: Readonly<Record<string, CaseOf>> = Object.fromEntries(
  Object.entries(losses as unknown as Record<string, { readonly manifest?: Manifest }>).flatMap(
    ([name, { manifest }]) =>
      manifest?.name.endsWith('Loss') && 'mask' in manifest.inputs ? [[name, maskedCase(manifest)] as const] : [],
  ),
);
