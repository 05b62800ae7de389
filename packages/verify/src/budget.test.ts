import { expect, test } from 'vitest';
import { budgetSpent, createBudget, defaultWork, spend } from './budget.ts';

test('a budget ends exactly where it is spent', () => {
  const budget = createBudget(10);
  spend(budget, 10);
  expect(() => spend(budget, 1)).toThrow(budgetSpent);
  expect(createBudget().left).toBe(defaultWork);
});
