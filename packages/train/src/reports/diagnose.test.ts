import { describe, expect, it } from 'vitest';
import type { Report } from '../types.ts';
import { diagnose } from './diagnose.ts';

const run = (steps: number, metrics: (i: number) => Record<string, number>): Report[] =>
  Array.from({ length: steps }, (_, i) => ({ step: i + 1, loss: 0.69 - i / (10 * steps), ...metrics(i) }));
const kinds = (reports: Report[]) => diagnose(reports).map(({ kind }) => kind);

describe('diagnose', () => {
  it('has nothing to say about a healthy run, or none at all', () => {
    const healthy = run(50, (i) => ({
      'logps/chosen': -20 + i / 50,
      'logps/rejected': -25 - i / 5,
      'rewards/accuracies': 0.5 + i / 100,
      'rewards/margins': i / 50,
      grad_norm: 1 + Math.sin(i) / 2,
      kl: i / 50,
      'memory/tensors': 100,
      'padding/fraction': 0.2,
      'values/explained_variance': i / 50,
    }));
    expect(diagnose(healthy)).toEqual([]);
    expect(diagnose([])).toEqual([]);
  });

  it('says in plain words that both log-probs fall, and whether the margin still grows', () => {
    const [wide] = diagnose(run(20, (i) => ({ 'logps/chosen': -20 - i, 'logps/rejected': -25 - 3 * i })));
    expect(wide).toMatchObject({ kind: 'both-logps-fall', severity: 'warning' });
    expect(wide!.message).toContain(
      'Chosen and rejected log-probs both fall: chosen -21.5 → -37.5, rejected -29.5 → -77.5 nats',
    );
    expect(wide!.message).toContain('the margin still grows');
    const [worse] = diagnose(run(20, (i) => ({ 'logps/chosen': -20 - 3 * i, 'logps/rejected': -25 - i })));
    expect(worse).toMatchObject({ severity: 'problem' });
    expect(worse!.message).toContain('not even the margin grows');
  });

  it.each<[string, Report[]]>([
    ['accuracy-is-chance', run(40, (i) => ({ 'rewards/accuracies': 0.5 + 0.02 * Math.sin(i) }))],
    ['starts-off-reference', run(1, () => ({ 'rewards/margins': 0.4 }))],
    ['loss-rises', run(20, (i) => ({ loss: 0.7 + i / 10 }))],
    ['overfits', run(20, (i) => ({ ...(i % 4 === 0 && { eval_loss: 0.5 + Math.abs(i - 4) / 20 }) }))],
    ['gradient-spikes', run(20, (i) => ({ grad_norm: i === 7 ? 50 : 1 }))],
    ['no-gradient', run(8, () => ({ grad_norm: 0 }))],
    ['kl-grows', run(20, (i) => ({ kl: i }))],
    ['kl-grows', run(20, (i) => ({ kl: -i }))],
    // Sorting by swaps after 300 lessons: three questions of 100 have a right answer among sixteen.
    [
      'hardly-ever-right',
      run(5, (i) => ({
        ...(i === 0 && {
          'material/right': 0.001875,
          'material/mixed': 0.03,
          'material/distinct_right': 1,
          'material/empty_credits': 0.965,
        }),
      })),
    ],
    ['answers-cut', run(5, (i) => ({ ...(i === 0 && { 'material/right': 0.3, 'material/cut': 0.2 }) }))],
    ['values-explain-nothing', run(20, () => ({ 'values/explained_variance': -0.2 }))],
    ['truncation', run(5, () => ({ 'truncated/fraction': 0.3 }))],
    ['padding', run(5, () => ({ 'padding/fraction': 0.7 }))],
    ['tensor-leak', run(40, (i) => ({ 'memory/tensors': 100 + i }))],
    ['slows-down', run(40, (i) => ({ 'perf/tokens_per_second': 1000 - 20 * i }))],
  ])('sees %s, and nothing else', (kind, reports) => {
    expect(kinds(reports)).toEqual([kind]);
    expect(diagnose(reports)[0]!.message.length).toBeGreaterThan(40);
  });

  it('does not ask a run to stop early that did', () => {
    const overfitted = run(20, (i) => ({ ...(i % 4 === 0 && { eval_loss: 0.5 + Math.abs(i - 4) / 20 }) }));
    const last = { step: 20, loss: 0.5, 'early_stop/stopped_at': 20, 'early_stop/best_step': 5 };
    expect([kinds(overfitted), kinds([...overfitted, last])]).toEqual([['overfits'], []]);
  });

  it('puts the worst first', () => {
    expect(kinds(run(40, (i) => ({ 'padding/fraction': 0.7, kl: i, grad_norm: 0 })))).toEqual([
      'no-gradient',
      'kl-grows',
      'padding',
    ]);
  });
});
