/** An answer stands at the end: of a longer response only this many characters at its end are searched. */
export const longestResponse: number = 60_000;

/** The part of a response that is its answer's side: after the reasoning block, before another turn begins. */
export function finalPart(response: string): string {
  const tail = response.length > longestResponse ? response.slice(-longestResponse) : response;
  const turn = tail.search(/<\|(?:im_start|im_end|endoftext|eot_id|user)\|>/);
  const own = turn > 0 ? tail.slice(0, turn) : tail;
  const think = own.lastIndexOf('</think>');
  const after = think < 0 ? own : own.slice(think + 8);
  return after.trim() === '' ? own : after;
}
