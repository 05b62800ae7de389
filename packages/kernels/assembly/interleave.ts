/**
 * Stored weight rows, interleaved: of sixteen neighbouring rows the first 32 bits each, then the next 32 bits each, so that a lane is a
 * row and a word is read where it lies. A block of 32 quants is led by its sixteen scales (and least values) as float32. A last group of
 * fewer rows is filled up with zeros.
 */
import { add } from './control';
import { at } from './math';
import { block, F16, half1, Q4_0, Q4_1, Q8_0 } from './unpack';

/** Rows of a group. */
export const groupRows: i32 = 16;
/** Bytes of one word of each of its rows. */
export const wordBytes: usize = 64;

@unmanaged
export class Interleave {
  kind: i32;
  rows: i32;
  K: i32;
  rowBytes: i32;
  from: usize;
  to: usize;
  groupBytes: i32;
  /** A counter of rows with float16 numbers that are not finite: their words are not read as others are. */
  odd: usize;
}

/** One group. */
export function interleaveTask(task: i32, p: Interleave): void {
  const first = task * groupRows;
  const count = min(groupRows, p.rows - first);
  const to = p.to + (p.groupBytes as usize) * task;
  if (count < groupRows) memory.fill(to, 0, p.groupBytes);
  for (let r: i32 = 0; r < count; r++) {
    const from = p.from + (p.rowBytes as usize) * (first + r);
    if (p.kind >= Q8_0) blocks(p.kind, from, p.K, at(to, r));
    else if (halves(p.kind, from, p.K, at(to, r))) add(p.odd, 1);
  }
}

/** Two numbers a word. Is one of them a float16 that is not finite? */
function halves(kind: i32, from: usize, K: i32, to: usize): bool {
  let odd = false;
  for (let k: i32 = 0; k < K; k += 2) {
    const word = load<u32>(from);
    if (kind == F16 && ((word & 0x7c00) == 0x7c00 || (word & 0x7c000000) == 0x7c000000)) odd = true;
    store<u32>(to, word);
    from += 4;
    to += wordBytes;
  }
  return odd;
}

function blocks(kind: i32, from: usize, K: i32, to: usize): void {
  for (let k: i32 = 0; k < K; k += block) {
    store<f32>(to, half1(load<u16>(from)));
    from += 2;
    to += wordBytes;
    if (kind == Q4_1) {
      store<f32>(to, half1(load<u16>(from)));
      from += 2;
      to += wordBytes;
    }
    if (kind == Q8_0) {
      for (let i: usize = 0; i < 8; i++) store<u32>(to + wordBytes * i, load<u32>(from + 4 * i));
      from += 32;
      to += 8 * wordBytes;
    } else {
      nibbles(from, to, kind == Q4_0 ? 0x88888888 : 0);
      from += 16;
      to += 4 * wordBytes;
    }
  }
}

/**
 * ggml's byte i holds quants i and i + 16; byte i of our word w quants 8w + i and 8w + i + 4: eight neighbours. Of Q4_0 a quant is
 * written with its sign, in two's complement.
 */
function nibbles(from: usize, to: usize, signs: u32): void {
  for (let w: usize = 0; w < 2; w++) {
    const low = load<u32>(from + 8 * w);
    const high = load<u32>(from + 8 * w + 4);
    store<u32>(to + wordBytes * w, ((low & 0x0f0f0f0f) | ((high & 0x0f0f0f0f) << 4)) ^ signs);
    store<u32>(to + wordBytes * (w + 2), (((low >> 4) & 0x0f0f0f0f) | (high & 0xf0f0f0f0)) ^ signs);
  }
}
