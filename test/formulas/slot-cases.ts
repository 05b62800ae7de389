/** What the formulas in docs/losses.md should give of which one slot, or one pair, does not say all, from the float64 reference. */
import * as reference from '@svo/losses/reference';
import { by, type CaseOf, ell, signed } from './pair-cases.ts';

const D = String.raw`\Delta`;
const one = [[1]];

/** A trajectory of two slots, t and the one after it, whose last loss is known from a trajectory of its own. */
function twoSlots(uniform: () => number) {
  const draw = () => [[signed(uniform), signed(uniform)]];
  const [policyLogps, values, rewards] = [draw(), draw(), draw()];
  const behaviorLogps = draw();
  const both = { policyLogps, referenceLogps: [[0, 0]], values, rewards, mask: [[1, 1]] };
  const second = (rows: readonly (readonly number[])[]) => [[rows[0]![1]!]];
  const last = {
    policyLogps: second(policyLogps),
    referenceLogps: [[0]],
    values: second(values),
    rewards: second(rewards),
    mask: one,
  };
  return { both, last, behaviorLogps };
}

const dqo =
  (loss: 'policy' | 'value'): CaseOf =>
  (uniform) => {
    const { both, last, behaviorLogps } = twoSlots(uniform);
    const options = { beta: 0.1 + uniform(), lambda: uniform() };
    const [w] = reference.importanceWeights(both.policyLogps, behaviorLogps, both.mask) as [number];
    const shaped = [both.rewards[0]!.map((r, t) => r - options.beta * both.policyLogps[0]![t]!)];
    const [G_t, G_next] = reference.lambdaReturns(shaped, [[both.values[0]![1]!, 0]], both.mask, {
      lambda: options.lambda,
    })[0]!;
    const of = (rows: typeof both) => ({ ...rows, behaviorLogps });
    const run = loss === 'policy' ? reference.dqoPolicyLoss : reference.dqoValueLoss;
    const pairOf = run(of(both), options);
    // The row's weight belongs to both of its slots; a trajectory of the last one alone has its own weight taken off.
    const lastAlone = run(last, options).value * w;
    const [slope] = Object.values(pairOf.gradients)[0]![0]!;
    return {
      numbers: {
        V_t: both.values[0]![0]!,
        Delta_t: both.policyLogps[0]![0]!,
        r_t: both.rewards[0]![0]!,
        beta: options.beta,
        w,
        G_t: G_t!,
        G_next: G_next!,
      },
      expected: {
        [ell]: 2 * pairOf.value - lastAlone,
        [by(loss === 'policy' ? String.raw`\Delta_t` : 'V_t')]: 2 * slope!,
      },
    };
  };

const oreo =
  (loss: 'policy' | 'value'): CaseOf =>
  (uniform) => {
    const { both, last } = twoSlots(uniform);
    const options = { beta: 0.1 + uniform(), klWeight: loss === 'policy' ? uniform() : 0 };
    const run = loss === 'policy' ? reference.oreoPolicyLoss : reference.oreoValueLoss;
    const row = run(both, options);
    const [slope] = Object.values(row.gradients)[0]![0]!;
    const [logRatio, after] = both.policyLogps[0] as [number, number];
    const [reward, rewardAfter] = both.rewards[0] as [number, number];
    return {
      numbers: {
        V_t: both.values[0]![0]!,
        R_t: reward + rewardAfter,
        Delta_t: logRatio,
        Lambda_t: logRatio + after,
        Lambda_next: after,
        beta: options.beta,
        alpha: options.klWeight,
      },
      expected: {
        [ell]: 2 * row.value - run(last, options).value,
        [by(loss === 'policy' ? String.raw`\Delta_t` : 'V_t')]: 2 * slope!,
      },
    };
  };

const dro =
  (loss: 'policy' | 'value'): CaseOf =>
  (uniform) => {
    const [Delta, V, r, tau] = [signed(uniform), signed(uniform), signed(uniform), 0.1 + uniform()];
    const run = loss === 'policy' ? reference.droPolicyLoss : reference.droValueLoss;
    const { value, gradients } = run({ policyLogps: [Delta], referenceLogps: [0], values: [V], rewards: [r] }, { tau });
    const [slope] = Object.values(gradients)[0]!;
    return {
      numbers: { Delta, V, r, tau },
      expected: { [ell]: value, [by(loss === 'policy' ? D : 'V')]: slope! },
    };
  };

/** One completion of each class, each a batch of its own. */
const unpaired =
  (baseline: 'kl' | 'zero'): CaseOf =>
  (uniform) => {
    const [Delta, z, beta] = [signed(uniform), baseline === 'kl' ? uniform() : 0, 0.1 + uniform()];
    const weights = { desirableWeight: 0.5 + uniform(), undesirableWeight: 0.5 + uniform() };
    const run = (label: number) => {
      const inputs = { policyLogps: [Delta], referenceLogps: [0], labels: [label] };
      const options = { beta, ...weights };
      return baseline === 'zero'
        ? reference.apoZeroUnpairedLoss(inputs, options)
        : reference.ktoLoss({ ...inputs, policyKlLogps: [z, z], referenceKlLogps: [0, 0] }, options);
    };
    const [desirable, undesirable] = [run(1), run(0)];
    const { desirableWeight: lambda_D, undesirableWeight: lambda_U } = weights;
    return {
      numbers: { Delta, z, beta, lambda_D, lambda_U },
      expected: {
        [`${ell}_D`]: desirable.value,
        [`${ell}_U`]: undesirable.value,
        [by(D, `${ell}_D`)]: desirable.gradients.policyLogps[0]!,
        [by(D, `${ell}_U`)]: undesirable.gradients.policyLogps[0]!,
      },
    };
  };

/** By export. */
export const slotCases: Readonly<Record<string, CaseOf>> = {
  svpoLoss: (uniform) => {
    const [chosen, rejected, beta] = [signed(uniform), signed(uniform), 0.1 + uniform()];
    const [V_w, V_l, margin, marginWeight, regularizerWeight] = [uniform(), uniform(), uniform(), uniform(), uniform()];
    const { value, gradients } = reference.svpoLoss(
      {
        policyChosenLogps: [chosen],
        policyRejectedLogps: [rejected],
        referenceChosenLogps: [0],
        referenceRejectedLogps: [0],
        chosenValues: [V_w],
        rejectedValues: [V_l],
      },
      { beta, margin, marginWeight, regularizerWeight },
    );
    return {
      numbers: {
        Delta_w: chosen,
        Delta_l: rejected,
        V_w,
        V_l,
        beta,
        EulerGamma: margin,
        w_m: marginWeight,
        w_r: regularizerWeight,
      },
      expected: {
        [ell]: value,
        [by(String.raw`\Delta_w`)]: gradients.policyChosenLogps[0]!,
        [by(String.raw`\Delta_l`)]: gradients.policyRejectedLogps[0]!,
        [by('V_w')]: gradients.chosenValues[0]!,
        [by('V_l')]: gradients.rejectedValues[0]!,
      },
    };
  },
  dqoPolicyLoss: dqo('policy'),
  dqoValueLoss: dqo('value'),
  oreoPolicyLoss: oreo('policy'),
  oreoValueLoss: oreo('value'),
  droPolicyLoss: dro('policy'),
  droValueLoss: dro('value'),
  ktoLoss: unpaired('kl'),
  apoZeroUnpairedLoss: unpaired('zero'),
  clippedValueLoss: (uniform) => {
    const [V, V_o, y, clip, k] = [signed(uniform), signed(uniform), signed(uniform), uniform(), 0.1 + uniform()];
    const rows = { values: [[V]], oldValues: [[V_o]], targets: [[y]], mask: one };
    const { value } = reference.clippedValueLoss(rows, { clip, scale: k });
    return { numbers: { V, V_o, y, k, epsilonSymbol: clip }, expected: { [ell]: value } };
  },
  sharedLengths: (uniform) => {
    const [n_w, n_l] = [1 + Math.floor(5 * uniform()), 1 + Math.floor(5 * uniform())];
    const masks = [n_w, n_l].map((n) => [Array.from({ length: 5 }, (_, t) => (t < n ? 1 : 0))]);
    return { numbers: { n_w, n_l }, expected: { n: reference.sharedLengths(masks[0]!, masks[1]!)[0]! } };
  },
  dvoKtoLoss: (uniform) => {
    const [Delta, c, beta, z] = [signed(uniform), signed(uniform), 0.1 + uniform(), uniform()];
    const rows = { policyLogps: [[Delta]], referenceLogps: [[0]], credits: [[c]], mask: one };
    const mismatched = { policyKlLogps: [z, z], referenceKlLogps: [0, 0] };
    const { value, gradients } = reference.dvoKtoLoss({ ...rows, ...mismatched }, { beta });
    return {
      numbers: { Delta, c, beta, z, s: c >= 0 ? 1 : -1 },
      expected: { [ell]: value, [by(D)]: gradients.policyLogps[0]![0]! },
    };
  },
  pqmLoss: (uniform) => {
    const [before, Q, wrong, margin] = [signed(uniform), signed(uniform), signed(uniform), uniform()];
    const run = (logits: number[], labels: number[]) =>
      reference.pqmLoss({ logits: [logits], labels: [labels], mask: [logits.map(() => 1)] }, { margin });
    // With the question three terms are averaged, without the last right step two.
    const [all, without] = [run([before, Q, wrong], [1, 1, 0]), run([before, wrong], [1, 0])];
    return {
      numbers: { P: 1 + Math.exp(before), W: Math.exp(wrong + margin), Q },
      expected: {
        [ell]: 3 * all.value - 2 * without.value,
        [by('Q')]: 3 * all.gradients.logits[0]![1]!,
      },
    };
  },
  stepCredits: (uniform) => {
    const [r_t, V_t, V_next] = [signed(uniform), signed(uniform), signed(uniform)];
    return {
      numbers: { r_t, V_t, V_next },
      expected: { c_t: reference.stepCredits([[r_t]], [[V_t]], [[V_next]], one)[0]![0]! },
    };
  },
  lambdaReturns: (uniform) => {
    const [rewards, nextValues] = [
      [signed(uniform), signed(uniform)],
      [signed(uniform), signed(uniform)],
    ];
    const lambda = uniform();
    const [G_t, G_next] = reference.lambdaReturns([rewards], [nextValues], [[1, 1]], { lambda })[0]!;
    return { numbers: { r_t: rewards[0]!, V_next: nextValues[0]!, lambda, G_next: G_next! }, expected: { G_t: G_t! } };
  },
  importanceWeights: (uniform) => {
    const [Lambda, kappa] = [signed(uniform), 0.5 + 3 * uniform()];
    const [w] = reference.importanceWeights([[Lambda]], [[0]], one, { clip: kappa });
    return { numbers: { Lambda, kappa }, expected: { w: w! } };
  },
  processRewards: (uniform) => {
    const [r_t, p_k, p_before] = [signed(uniform), signed(uniform), signed(uniform)];
    const shaped = reference.processRewards([[0, r_t]], [[p_before, p_k]], [[1, 1]])[0]!;
    return { numbers: { r_t, p_k, p_before }, expected: { '\\tilder_t': shaped[1]! } };
  },
};
