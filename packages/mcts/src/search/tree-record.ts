import type { Lane } from './many/lane.ts';
import type { TreeRecord } from './search-options.ts';

/** A finished lane's tree as `searchMany` gives it out. */
export const recordOf = ({ index, attempt, question, tree }: Lane, last: boolean): TreeRecord => ({
  kind: 'tree',
  index,
  attempt,
  last,
  question,
  tree,
});
