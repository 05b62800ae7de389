import type { Numbers } from './elements.ts';

/** Memory all programs share, since only one runs at a time: a place a number, grown to the longest array it ever held. */
const places: Numbers[] = [];

/** The memory of one place, `length` numbers long. Whatever was there is overwritten by who writes next. */
export function scratch(place: number, length: number): Numbers {
  const own = places[place];
  if (own === undefined || own.length < length) places[place] = new Float64Array(length);
  return places[place]!.subarray(0, length);
}
