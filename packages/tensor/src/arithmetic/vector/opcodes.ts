/**
 * What the vector machine can do: the numbers its interpreter (assembly/index.ts) and the schedule agree on. Operands are
 * arrays of float64 in memory, or scalars, which stand for an array of one value.
 */

/** dst ← float32 data at a, from the block's first row on. */
export const LOAD = 0;
/** float32 data at dst, from the block's first row on ← a. */
export const STORE = 1;

export const ADD = 2;
export const SUB = 3;
export const MUL = 4;
export const DIV = 5;
/** min(a, b); a NaN in a stays. */
export const MIN = 6;
/** max(a, b); a NaN in a stays. */
export const MAX = 7;
/** 1 where a = b, else 0. */
export const EQUAL = 8;
/** b where a > 0, else c. */
export const SELECT = 9;
/** 1 where a > 0, else 0; NaN stays. */
export const POSITIVE = 10;
export const EXP = 11;
/** e^{−|a|}, what the next two are made of. */
export const DECAY = 12;
/** log(1 + eᵃ), b = e^{−|a|}. */
export const SOFTPLUS = 13;
/** 1 / (1 + e⁻ᵃ), b = e^{−|a|}. */
export const SIGMOID = 14;

/** dst += Σ a·b, in two lanes. */
export const DOT = 15;
/** dst ← the two lanes of a, added. */
export const FOLD = 16;
/** dst [R] ← Σ of each row of a [R, C]. */
export const ROW_SUM = 17;
/** dst [R, C] ← each row of a times its element of b [R]. */
export const ROW_SCALE = 18;

/** dst ← b + c · (dst of the next slot where a > 0), 0 where it is not. */
export const RETURNS = 19;
/** dst ← b of the next slot of the row where a > 0, 0 where a is not. */
export const NEXT = 20;
/** dst ← b of the previous slot of the row where a > 0, 0 where a is not. */
export const PREVIOUS = 21;
/** dst ← b of the latest slot of the row where a > 0. */
export const CARRY = 22;
