/** SentencePiece's BPE holds a score a token, tokenizer.json a list of merges: each follows from the other. */

/** Longer tokens are never merged: their splits would take time that grows with the square of what a file claims. */
const longest = 512;

/**
 * Every way to join two tokens into a third, best score first, as transformers derives them: SentencePiece joins the pair
 * whose whole has the highest score.
 *
 * @param scores one a token
 * @param isWord which tokens may be made by joining others
 */
export const mergesOfScores = (
  tokens: readonly string[],
  scores: ArrayLike<number>,
  isWord: (id: number) => boolean,
): [string, string][] => {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const joins: { left: number; right: number; score: number }[] = [];
  for (let id = 0; id < tokens.length; id++) {
    const token = tokens[id]!;
    if (!isWord(id) || token.length > longest) continue;
    const ways: typeof joins = [];
    for (let cut = 1; cut < token.length; cut++) {
      const [left, right] = [ids.get(token.slice(0, cut)), ids.get(token.slice(cut))];
      if (left !== undefined && right !== undefined) ways.push({ left, right, score: scores[id]! });
    }
    joins.push(...ways.sort((a, b) => a.left - b.left || a.right - b.right));
  }
  return joins.sort((a, b) => b.score - a.score).map(({ left, right }) => [tokens[left]!, tokens[right]!]);
};
