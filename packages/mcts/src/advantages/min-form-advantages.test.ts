import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { goldensOf } from '../test-support/advantage-goldens.ts';
import { rlooAdvantages } from './groups.ts';
import { minFormRewards } from './min-form.ts';
import { minFormAdvantages } from './min-form-advantages.ts';
import { aboveOtherSteps } from './other-steps.ts';

const response = fc.array(
  fc.integer({ min: -64, max: 64 }).map((x) => x / 64),
  { minLength: 1, maxLength: 6 },
);
const group = fc.array(response, { minLength: 2, maxLength: 6 });
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;
const close = (actual: readonly (readonly number[])[], expected: readonly (readonly number[])[], digits = 10): void => {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  actual.flat().forEach((a, k) => {
    expect(a).toBeCloseTo(expected.flat()[k]!, digits);
  });
};

describe('aboveOtherSteps', () => {
  test.each(goldensOf('aboveOtherSteps'))('golden %s', (_, { groups, paths }) =>
    close(aboveOtherSteps(groups), paths, 12),
  );

  test('law: responses of one step are RLOO’s', () => {
    fc.assert(
      fc.property(response, (rewards) => {
        const ones = rewards.map((r) => [r]);
        close(
          aboveOtherSteps(ones),
          rlooAdvantages(rewards).map((a) => [a]),
        );
      }),
    );
  });

  test('law: the means of the responses’ steps add up to 0', () => {
    fc.assert(
      fc.property(group, (rewards) => {
        expect(Math.abs(sum(aboveOtherSteps(rewards).map(mean)))).toBeLessThan(1e-9);
      }),
    );
  });

  test('law: adding a number to all rewards changes nothing; a factor goes through', () => {
    fc.assert(
      fc.property(group, fc.integer({ min: -8, max: 8 }), (rewards, by) => {
        close(aboveOtherSteps(rewards.map((one) => one.map((r) => r + by))), aboveOtherSteps(rewards), 9);
        close(
          aboveOtherSteps(rewards.map((one) => one.map((r) => r * by))),
          aboveOtherSteps(rewards).map((one) => one.map((a) => a * by)),
        );
      }),
    );
  });

  test('law: what a response’s own steps get does not move its baseline', () => {
    fc.assert(
      fc.property(group, response, ([, ...others], own) => {
        const [with0, with1] = [[0], own].map((first) => aboveOtherSteps([first, ...others])[0]!);
        close([with1!], [own.map((r) => r + with0![0]!)]);
      }),
    );
  });

  test('law: writing a step twice changes no baseline', () => {
    fc.assert(
      fc.property(group, (rewards) => {
        const doubled = rewards.map((one) => one.flatMap((r) => [r, r]));
        close(
          aboveOtherSteps(doubled),
          aboveOtherSteps(rewards).map((one) => one.flatMap((a) => [a, a])),
        );
      }),
    );
  });

  test('law: the order of the responses is theirs alone', () => {
    fc.assert(
      fc.property(group, (rewards) => {
        close(aboveOtherSteps(rewards.toReversed()), aboveOtherSteps(rewards).toReversed());
      }),
    );
  });

  test('edge: one response alone says nothing', () => {
    expect(aboveOtherSteps([[1, -1]])).toEqual([[0, 0]]);
    expect(aboveOtherSteps([])).toEqual([]);
  });

  test('errors', () => {
    expect(() => aboveOtherSteps([[1], []])).toThrow(
      'aboveOtherSteps: every response must have a step, got none in response 1',
    );
    expect(() => aboveOtherSteps([[1, Number.NaN]])).toThrow(
      'aboveOtherSteps: rewards must be finite numbers, got NaN at 1 of response 0',
    );
  });
});

describe('minFormAdvantages', () => {
  test.each(goldensOf('minFormAdvantages'))('golden %s', (_, { groups, paths }) =>
    close(minFormAdvantages(groups), paths, 12),
  );

  test('law: one step a response is RLOO', () => {
    fc.assert(
      fc.property(response, (rewards) => {
        close(
          minFormAdvantages(rewards.map((r) => [r])),
          rlooAdvantages(rewards).map((a) => [a]),
        );
      }),
    );
  });

  test('law: hot, it is the reward to come of the mean step, above the others’', () => {
    fc.assert(
      fc.property(group, (rewards) => {
        const flat = rewards.map((one) => one.map((r) => r / one.length));
        const above = aboveOtherSteps(flat);
        close(
          minFormAdvantages(rewards, { temperature: 1e9 }),
          above.map((one) => one.map((_, t) => sum(one.slice(t)))),
          6,
        );
      }),
    );
  });

  test('law: what a step adds to its successor’s advantage is its own reward above the baseline', () => {
    fc.assert(
      fc.property(group, (rewards) => {
        const above = aboveOtherSteps(rewards.map((one) => minFormRewards(one)));
        const differences = minFormAdvantages(rewards).map((one) => one.map((a, t) => a - (one[t + 1] ?? 0)));
        close(differences, above);
      }),
    );
  });

  test('law: cold, among responses of one length the one whose worst step is best begins with the largest advantage', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(response, { minLength: 2, maxLength: 5 }),
        (length, drawn) => {
          const rewards = drawn.map((one) => Array.from({ length }, (_, t) => one[t % one.length]!));
          const firsts = minFormAdvantages(rewards, { temperature: 1e-4 }).map(([first]) => first!);
          const worst = rewards.map((one) => Math.min(...one));
          expect(worst[firsts.indexOf(Math.max(...firsts))]).toBeCloseTo(Math.max(...worst), 9);
        },
      ),
    );
  });

  test('law: steps after the worst one are hardly blamed', () => {
    // The group's other response has every step at 0: baseline 0.
    const [one] = minFormAdvantages([
      [0.5, -1, 0.5],
      [0, 0, 0],
    ]);
    expect(one!.map((a) => Math.round(a * 1e4) / 1e4)).toEqual([-1, -1, 0]);
  });

  test('law: equal responses have no advantage', () => {
    fc.assert(
      fc.property(response, (one) => {
        const constant = one.map(() => one[0]!);
        close(
          minFormAdvantages([constant, constant, constant]),
          [constant, constant, constant].map((r) => r.map(() => 0)),
        );
      }),
    );
  });

  test('errors', () => {
    expect(() => minFormAdvantages([[1], [Number.NaN]])).toThrow('minFormRewards: rewards must be finite numbers');
    expect(() => minFormAdvantages([[1], []])).toThrow('every response must have a step');
    expect(() => minFormAdvantages([[1]], { temp: 1 } as never)).toThrow("minFormAdvantages: unknown option 'temp'");
  });
});
