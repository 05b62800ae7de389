/** A model that writes three letters by its seed, and who wants them to be c's: everything about it can be counted by hand. */
import type { Candidate, Policy, ProposeRequest, ValueModel } from '@svo/mdp';

export const question = { id: 'q', prompt: 'Write three letters: ' };
const letters = ({ state, seed }: ProposeRequest): Candidate[] => [
  { text: 'abc'[seed % 3]!, count: 1, finish: state.steps.length === 2 ? 'answer' : 'step' },
];
/** One draw of a, b or c by the seed; the third is an answer. */
export const policy: Policy = {
  id: 'letters',
  propose: async (request) => letters(request),
  proposeMany: async (requests) => requests.map(letters),
};
/** The share of c's. */
export const cs: ValueModel = {
  id: 'c',
  values: async (states) => states.map(({ state }) => state.steps.filter((step) => step === 'c').length / 3),
};
