/**
 * `JSON.parse` that refuses what it silently accepts: an object with the same key twice (the last would win, so two
 * readers could see two different files) and the key `__proto__` (which assignments would turn into a prototype).
 * @throws SyntaxError naming the key, besides everything `JSON.parse` throws.
 * @example
 * ```ts
 * import { parseStrictJson } from '@svo/files';
 * parseStrictJson('{"a":1}'); // => { a: 1 }
 * ```
 */
export function parseStrictJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  const open: (Set<string> | undefined)[] = [];
  // The text is known to be valid, so strings, brackets and colons are all there is to see.
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (isKey(text, index + token.length)) claim(open.at(-1), JSON.parse(token) as string);
  }
  return parsed;
}

function isKey(text: string, end: number): boolean {
  let i = end;
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i++;
  return text[i] === ':';
}

function claim(keys: Set<string> | undefined, key: string): void {
  if (key === '__proto__') throw new SyntaxError('the key "__proto__" is not allowed');
  if (keys?.has(key)) throw new SyntaxError(`the key ${JSON.stringify(key)} appears twice in one object`);
  keys?.add(key);
}
