/** TensorFlow's complaints about indices, in this package's words. */

const patterns = [
  // GatherV2, UnsortedSegmentSum: indices[1] = 7 is not in [0, 4); segment_ids[1] = …
  /\[(?<at>\d+)\] = (?<value>-?\d+) is (?:not in|out of range) \[0, (?<limit>\d+)\)/,
  // ResourceScatterNdUpdate: indices[1] = [1, 7] does not index into shape [2,4,6]
  /\[(?<at>\d+)[^\]]*\] = \[\d+, (?<value>-?\d+)\] does not index into shape \[\d+,\s*(?<limit>\d+)/,
  // SparseSoftmaxCrossEntropyWithLogits: Received a label value of 7 which is outside the valid range of [0, 4).
  /label value of (?<value>-?\d+) which is outside the valid range of \[0, (?<limit>\d+)\)/,
];

/**
 * Runs `f`; an index outside its table becomes a RangeError that names `where` it came from, as the other backends' do. On a
 * GPU TensorFlow does not look.
 */
export function inRange<T>(where: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    const { at, value, limit } = patterns.map((pattern) => pattern.exec(String(error))?.groups).find(Boolean) ?? {};
    if (value === undefined) throw error;
    const place = at === undefined ? '' : `[${at}]`;
    throw new RangeError(`${where}${place} must lie in 0 … ${Number(limit) - 1}, got ${value}`);
  }
}
