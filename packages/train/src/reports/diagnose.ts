import type { Report } from '../types.ts';
import { mean, median, seriesOf, type Trend, trendOf } from './trend.ts';

/** One thing worth knowing about a run, in plain words. */
export interface Diagnosis {
  /** Short and stable, for filters: `'both-logps-fall'`. */
  readonly kind: string;
  readonly severity: 'problem' | 'warning' | 'note';
  /** What happened, with the numbers it was seen in, and what to try. */
  readonly message: string;
}

type Rule = (reports: readonly Report[]) => Diagnosis | undefined;

const n = (value: number): string => String(Number(value.toPrecision(3)));
const course = ({ first, last }: Trend): string => `${n(first)} → ${n(last)}`;

/** Preference training lowers both sides when lowering the rejected one is the cheaper way to a margin (TRL #800, OpenRLHF #1054). */
const bothLogpsFall: Rule = (reports) => {
  const [chosen, rejected] = [trendOf(reports, 'logps/chosen'), trendOf(reports, 'logps/rejected')];
  if (!chosen || !rejected || chosen.change > -1 || rejected.change > -1) return undefined;
  const faster = rejected.change < chosen.change;
  return {
    kind: 'both-logps-fall',
    severity: faster ? 'warning' : 'problem',
    message:
      `Chosen and rejected log-probs both fall: chosen ${course(chosen)}, rejected ${course(rejected)} nats. ` +
      (faster
        ? 'The loss only asks for the difference, and the rejected side falls faster, so the margin still grows; but the model also becomes less likely to write the chosen answers, and its probability goes to texts nobody looked at. '
        : 'The chosen side falls at least as fast, so not even the margin grows: the update hurts. ') +
      'Try a lower learning rate, a larger beta, or an SFT term on the chosen side.',
  };
};

const accuracyIsChance: Rule = (reports) => {
  const accuracy = trendOf(reports, 'rewards/accuracies', 20);
  if (!accuracy || Math.abs(accuracy.last - 0.5) > 0.05) return undefined;
  return {
    kind: 'accuracy-is-chance',
    severity: 'warning',
    message: `After ${accuracy.count} reports the chosen side wins ${n(100 * accuracy.last)} % of the time, which is a coin's rate: nothing is learned yet. Check that chosen and rejected really differ in their scored tokens, then raise the learning rate.`,
  };
};

/** At the start policy and reference are the same model, so every margin is 0 and every pair costs ln 2. */
const startsOffReference: Rule = (reports) => {
  const start = reports.find((report) => report.step === 1);
  const margin = start?.['rewards/margins'];
  if (margin === undefined || Math.abs(margin) < 1e-3) return undefined;
  return {
    kind: 'starts-off-reference',
    severity: 'problem',
    message: `The first step has a margin of ${n(margin)}, where 0 is expected: policy and reference are not the same model, or don't score the same tokens (other truncation, dropout, other precision, or a stale reference cache).`,
  };
};

const lossRises: Rule = (reports) => {
  const loss = trendOf(reports, 'loss', 10);
  if (!loss || loss.change <= 0.1 * Math.abs(loss.first)) return undefined;
  return {
    kind: 'loss-rises',
    severity: 'problem',
    message: `The loss rises: ${course(loss)}. Lower the learning rate or lengthen the warm-up.`,
  };
};

/** A run that was stopped early ends with its best weights: what came after them is no fault any more. */
const overfits: Rule = (reports) => {
  if (reports.at(-1)?.['early_stop/best_step'] !== undefined) return undefined;
  const [training, held] = [trendOf(reports, 'loss'), seriesOf(reports, 'eval_loss')];
  if (!training || training.change >= 0 || held.length < 4) return undefined;
  const best = Math.min(...held);
  const last = held.at(-1)!;
  if (last <= best + 0.02 * Math.abs(best) || held.indexOf(best) > held.length - 3) return undefined;
  return {
    kind: 'overfits',
    severity: 'warning',
    message: `The training loss still falls (${course(training)}) while the evaluation loss has risen from its best ${n(best)} to ${n(last)}: the model learns the training rows by heart. Stop at the best evaluation (withEarlyStop), or use more data or fewer epochs.`,
  };
};

const gradientSpikes: Rule = (reports) => {
  const norms = seriesOf(reports, 'grad_norm');
  if (norms.length < 10) return undefined;
  const usual = median(norms);
  const spikes = norms.filter((norm) => norm > 10 * usual).length;
  if (spikes === 0 || usual === 0) return undefined;
  return {
    kind: 'gradient-spikes',
    severity: spikes > norms.length / 50 ? 'warning' : 'note',
    message: `${spikes} of ${norms.length} gradient norms are over 10 times the median ${n(usual)} (largest ${n(Math.max(...norms))}). Single rows with extreme log-ratios do that: clip with clipByGlobalNorm, and look at those batches.`,
  };
};

const gradientVanishes: Rule = (reports) => {
  const norms = seriesOf(reports, 'grad_norm');
  if (norms.length < 5 || norms.some((norm) => norm > 0)) return undefined;
  return {
    kind: 'no-gradient',
    severity: 'problem',
    message:
      'Every gradient norm is 0: the loss does not depend on a trainable parameter. Is everything masked, detached or frozen?',
  };
};

/** The sign of `kl` depends on who wrote the steps (it falls where they are the reference's own); its size is the distance. */
const klRuns: Rule = (reports) => {
  const kl = trendOf(reports, 'kl');
  if (!kl || Math.abs(kl.last) < 10 || Math.abs(kl.last) <= Math.abs(kl.first)) return undefined;
  return {
    kind: 'kl-grows',
    severity: 'warning',
    message: `The policy has moved ${n(Math.abs(kl.last))} nats away from its reference (${course(kl)}). A larger beta, a lower learning rate or a renewed reference keeps it near.`,
  };
};

/** Accuracy on questions the run does not train on: the one number that no loss stands in for. */
const accuracyFalls: Rule = (reports) => {
  const accuracy = seriesOf(reports, 'eval_accuracy');
  if (reports.at(-1)?.['early_stop/best_step'] !== undefined || accuracy.length < 2) return undefined;
  const [best, last] = [Math.max(...accuracy), accuracy.at(-1)!];
  const begin = accuracy[0]!;
  if (last > best - 0.05) return undefined;
  const rose = best > begin + 0.02;
  return {
    kind: 'accuracy-falls',
    severity: 'problem',
    message:
      `Accuracy falls: it began at ${n(100 * begin)} %, was ${n(100 * best)} % at its best and is ${n(100 * last)} % now, whatever the loss says. ` +
      (rose
        ? 'The run went on after it had learned: stop at the best evaluation (withEarlyStop), or take fewer updates. '
        : 'It never rose: try a third of the learning rate first, then a larger beta. ') +
      'Objectives that push wrong answers down (KTO, DPO, an outcome alone as the credit) do this when most answers are wrong: what is pushed away goes to texts nobody looked at.',
  };
};

/** Below this share of right answers the other things that can be said of a material all say this. */
const hardlyAny = 0.05;

const hardlyRight: Rule = (reports) => {
  const right = seriesOf(reports, 'material/right')[0];
  if (right === undefined || right >= hardlyAny) return undefined;
  return {
    kind: 'hardly-ever-right',
    severity: 'problem',
    message: `Only ${n(100 * right)} % of the answers are right: hardly a question has a right one to compare with, and no objective makes anything of that. The model lacks the skill and not the choice. Let it learn from worked solutions for longer first, until a fifth of its answers are right or more; or ask easier questions. If it should be better, read some answers: are they cut off for length, does the judge look where they end?`,
  };
};

const answersCut: Rule = (reports) => {
  const cut = seriesOf(reports, 'material/cut')[0];
  if (cut === undefined || cut <= 0.05) return undefined;
  return {
    kind: 'answers-cut',
    severity: 'warning',
    message: `${n(100 * cut)} % of the answers ran out of tokens and count as wrong, whatever they would have come to. Allow more tokens than the longest right answer has, its end included; where the model does not come to an end at all, let it learn longer.`,
  };
};

/** A rule about a material in which something is right. */
const whereRight =
  (rule: Rule): Rule =>
  (reports) =>
    hardlyRight(reports) === undefined ? rule(reports) : undefined;

const oneOutcome: Rule = (reports) => {
  const mixed = seriesOf(reports, 'material/mixed')[0];
  if (mixed === undefined || mixed >= 0.5) return undefined;
  const right = seriesOf(reports, 'material/right')[0];
  const most = right === undefined ? 'of one outcome' : right > 0.5 ? 'right' : 'wrong';
  return {
    kind: 'one-outcome',
    severity: 'warning',
    message: `Only ${n(100 * mixed)} % of the questions have both a right and a wrong answer; the others are all ${most} and say nothing about which step decides. Take questions of middling difficulty, draw more answers a question, or search instead of drawing.`,
  };
};

const creditsEmpty: Rule = (reports) => {
  const empty = seriesOf(reports, 'material/empty_credits')[0];
  if (empty === undefined || empty <= 0.7) return undefined;
  return {
    kind: 'credits-empty',
    severity: 'warning',
    message: `${n(100 * empty)} % of the steps have a credit below 0.05: no step decides, so step credits say no more than the outcome, and the rest is noise of the estimate. RFT or DPO on the same answers will do as well; questions of middling difficulty would carry more.`,
  };
};

const rightAlike: Rule = (reports) => {
  const distinct = seriesOf(reports, 'material/distinct_right')[0];
  if (distinct === undefined || distinct === 0 || distinct > 1.2) return undefined;
  return {
    kind: 'right-alike',
    severity: 'note',
    message: `A question's right answers are nearly all the same text (${n(distinct)} different ones on average): "do what ended right" says everything there is, and RFT is the cheapest way to say it. A higher temperature or more questions bring other ways to be right.`,
  };
};

const valuesExplainNothing: Rule = (reports) => {
  const explained = trendOf(reports, 'values/explained_variance');
  if (!explained || explained.last > 0.05) return undefined;
  return {
    kind: 'values-explain-nothing',
    severity: 'warning',
    message: `The value model explains ${n(100 * explained.last)} % of the returns' variance: no better than one constant value for every state. Advantages made from it are noise; train it longer or with a higher rate before the policy follows it.`,
  };
};

const tooMuchTruncated: Rule = (reports) => {
  const cut = seriesOf(reports, 'truncated/fraction');
  if (cut.length === 0 || mean(cut) <= 0.05) return undefined;
  return {
    kind: 'truncation',
    severity: 'warning',
    message: `${n(100 * mean(cut))} % of the steps are cut off for length, answers first. Raise the length limit or drop those rows on purpose.`,
  };
};

const tooMuchPadding: Rule = (reports) => {
  const padding = seriesOf(reports, 'padding/fraction');
  if (padding.length === 0 || mean(padding) <= 0.5) return undefined;
  return {
    kind: 'padding',
    severity: 'note',
    message: `${n(100 * mean(padding))} % of the computed tokens are padding. Batch rows of like length (batches({ window: 16 })) or pack them (packExamples).`,
  };
};

const tensorsLeak: Rule = (reports) => {
  const counts = seriesOf(reports, 'memory/tensors');
  const half = counts.slice(Math.floor(counts.length / 2));
  if (half.length < 10 || half.some((count, i) => i > 0 && count <= half[i - 1]!)) return undefined;
  return {
    kind: 'tensor-leak',
    severity: 'problem',
    message: `The number of tensors grows with every step (now ${counts.at(-1)}): something made between the steps is never disposed. Wrap it in tf.tidy, or dispose what evaluation and logging create.`,
  };
};

const slowsDown: Rule = (reports) => {
  const rate = trendOf(reports, 'perf/tokens_per_second', 20);
  if (!rate || rate.last >= 0.7 * rate.first) return undefined;
  return {
    kind: 'slows-down',
    severity: 'note',
    message: `Throughput fell from ${n(rate.first)} to ${n(rate.last)} tokens a second: longer rows, a busy machine, or memory running out.`,
  };
};

const rules: readonly Rule[] = [
  startsOffReference,
  gradientVanishes,
  accuracyFalls,
  lossRises,
  bothLogpsFall,
  accuracyIsChance,
  klRuns,
  hardlyRight,
  answersCut,
  whereRight(oneOutcome),
  whereRight(creditsEmpty),
  whereRight(rightAlike),
  valuesExplainNothing,
  overfits,
  gradientSpikes,
  tensorsLeak,
  tooMuchTruncated,
  tooMuchPadding,
  slowsDown,
];

/**
 * Reads a run's reports and says in plain words what looks wrong in them and what to try, worst first. It knows the usual
 * ways preference and value training go astray; an empty list means none of them was seen.
 * @example
 * ```ts
 * import { diagnose } from '@svo/train';
 * const reports = Array.from({ length: 10 }, (_, i) => ({ step: i + 1, loss: 0.6, 'logps/chosen': -20 - i, 'logps/rejected': -25 - 3 * i }));
 * diagnose(reports).map(({ kind }) => kind); // => ['both-logps-fall']
 * ```
 */
export function diagnose(reports: readonly Report[]): readonly Diagnosis[] {
  const rank = { problem: 0, warning: 1, note: 2 };
  return rules
    .map((rule) => rule(reports))
    .filter((diagnosis) => diagnosis !== undefined)
    .sort((a, b) => rank[a.severity] - rank[b.severity]);
}
