/** What brackets, quotes, emphasis and font commands put around a word. */
const wrapping =
  /\\(?:text(?:bf|it|rm|normal)?|math(?:rm|bf|it|sf)|mbox|left|right|displaystyle)\b|(?<!\\)[{}$]|[*`"'“”‘’]/g;
const brackets = /^[[(<⟨](.+)[\])>⟩]$/s;
const spacing = /\\(?:q?quad\b|[,;:! ])|~|\s+/g;

/** Marks that leave a place open. */
const openPlace = /^(?:[.…?_]|\\[lc]?dots\b|\\_|\\(?:square|Box)\b|□|\s)+[.]?$/;

const about =
  'your|my|the|a|an|insert|put|write|enter|place|give|final|numerical|numeric|correct|actual|exact|simplified|single|here|goes|in|of|inside|is|this';
const meant =
  'answers?|ans|results?|solutions?|values?|numbers?|letters?|choices?|options?|expressions?|x{3,}|答案|réponse|respuesta|antwort|ответ';
const words = new RegExp(`^(?:(?:${about}) )*(?:${meant})(?: (?:${about}|${meant}))*[.:]?$`, 'i');

/**
 * Does a text stand for an answer instead of being one? Instructions are often repeated before they are followed: `\boxed{}`, `\boxed{...}`,
 * `\boxed{\text{your answer}}`, "Final Answer: [answer]", "The answer is ___". The empty set and brackets around nothing are answers.
 */
export function isPlaceholder(text: string): boolean {
  if (text.length > 120) return false;
  const plain = text.replace(spacing, ' ').replace(wrapping, '').trim();
  const bare = plain.replace(brackets, '$1').trim();
  return bare === '' || openPlace.test(bare) || words.test(bare.replace(/[-_\s]+/g, ' '));
}
