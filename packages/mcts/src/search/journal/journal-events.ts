import type { Draw, Failure, Question } from '@svo/mdp';
import { type ByteReader, byteReader, byteWriter } from '../../files/byte-codec.ts';
import { OUTCOMES } from '../../tree/status.ts';
import type { Fingerprint, Usage } from '../../tree/tree.ts';
import { isFingerprint } from '../fingerprint.ts';
import type { Child } from '../tell/expand.ts';

/** What a journal records. A lane is one tree's search, numbered in the order of their beginning. */
export type JournalEvent =
  | {
      readonly kind: 'begin';
      readonly lane: number;
      readonly index: number;
      readonly attempt: number;
      readonly question: Question;
      readonly seed: number;
      readonly rules: string;
      readonly leaves: number;
      /** What decides the tree; the first journals had none. */
      readonly fingerprint?: Fingerprint;
    }
  /** `leaf` is `undefined` for an ask that walked into terminals until the rules said stop. */
  | { readonly kind: 'ask'; readonly lane: number; readonly leaf: number | undefined }
  | {
      /** `lost`: all of the answer's draws were; the leaf is open again, or closed without a value. */
      readonly kind: 'tell' | 'lost';
      readonly lane: number;
      readonly leaf: number;
      readonly children: readonly Child[];
      readonly spent: Usage;
    };

/** 3 is how an answer was told before lost draws were counted: what was all lost then was expanded like any other answer. */
const [BEGIN, ASK, OLD_TELL, LOST, TELL] = [1, 2, 3, 4, 5];
const HAS_VALUE = 8;
const HAS_FAILURE = 16;
const HAS_DRAW = 32;

/**
 * An event as bytes. The answer to a leaf takes 9 to 20 bytes, and 7 to 9 with its text for each child; an ask 3 to 9.
 */
export function encodeEvent(event: JournalEvent): Uint8Array {
  const writer = byteWriter();
  if (event.kind === 'begin') {
    const { kind: _kind, lane, ...rest } = event;
    writer.byte(BEGIN);
    writer.count(lane);
    writer.text(JSON.stringify(rest));
    return writer.take();
  }
  writer.byte(event.kind === 'ask' ? ASK : event.kind === 'lost' ? LOST : TELL);
  writer.count(event.lane);
  writer.count(event.leaf === undefined ? 0 : event.leaf + 1);
  if (event.kind === 'ask') return writer.take();
  const { requests, candidates, tokens, failures, estimates, lost } = event.spent;
  for (const number of [requests, candidates, tokens, failures, estimates, lost]) writer.count(number);
  writer.count(event.children.length);
  for (const { text, prior, count, outcome, value, failure, draw } of event.children) {
    const has = (value === undefined ? 0 : HAS_VALUE) | (failure ? HAS_FAILURE : 0) | (draw ? HAS_DRAW : 0);
    writer.byte(OUTCOMES.indexOf(outcome) | has);
    writer.text(text);
    writer.float32(prior);
    writer.count(count);
    if (value !== undefined) writer.float64(value);
    if (failure !== undefined) writer.text(JSON.stringify(failure));
    if (draw !== undefined) {
      writer.count(draw.tokenIds.length);
      for (const id of draw.tokenIds) writer.count(id);
      for (const logp of draw.logps) writer.float64(logp);
    }
  }
  return writer.take();
}

/**
 * The event in a payload.
 *
 * @throws RangeError for bytes that no event has
 */
export function decodeEvent(payload: Uint8Array): JournalEvent {
  const reader = byteReader(payload);
  const kind = reader.byte();
  const lane = reader.count();
  const event = kind === BEGIN ? readBegin(reader, lane) : readAskOrTell(reader, kind, lane);
  if (reader.left() !== 0) throw new RangeError(`has ${reader.left()} bytes too many`);
  return event;
}

const readBegin = (reader: ByteReader, lane: number): JournalEvent => {
  const rest = JSON.parse(reader.text());
  const { index, attempt, question, seed, rules, leaves, fingerprint } = rest;
  const sound =
    [index, attempt, seed, leaves].every(Number.isSafeInteger) &&
    typeof rules === 'string' &&
    typeof question?.id === 'string' &&
    typeof question.prompt === 'string' &&
    (fingerprint === undefined || isFingerprint(fingerprint));
  if (!sound) throw new RangeError('does not begin a search');
  return { kind: 'begin', lane, index, attempt, question, seed, rules, leaves, ...(fingerprint && { fingerprint }) };
};

const readDraw = (reader: ByteReader): Draw => {
  const length = reader.count();
  // A token takes 9 bytes at the least: no more is read than there is.
  if (!(length >= 1 && 9 * length <= reader.left())) throw new RangeError(`can't have drawn ${length} tokens`);
  const tokenIds = Array.from({ length }, reader.count);
  const logps = Array.from({ length }, reader.float64);
  if (tokenIds.some((id) => id >= 2 ** 31)) throw new RangeError('has a token id beyond 2^31');
  if (!logps.every(Number.isFinite)) throw new RangeError('has a log-prob that is not a finite number');
  return { tokenIds, logps };
};

const readAskOrTell = (reader: ByteReader, kind: number, lane: number): JournalEvent => {
  const place = reader.count();
  if (kind === ASK) return { kind: 'ask', lane, leaf: place === 0 ? undefined : place - 1 };
  if (kind !== TELL && kind !== LOST && kind !== OLD_TELL) throw new RangeError(`is of unknown kind ${kind}`);
  const [requests, candidates, tokens, failures, estimates] = Array.from({ length: 5 }, reader.count);
  const counted = kind === OLD_TELL ? undefined : reader.count();
  const size = reader.count();
  if (!(size >= 1 && size <= reader.left())) throw new RangeError(`can't have ${size} children`);
  const children = Array.from({ length: size }, (): Child => {
    const flags = reader.byte();
    const text = reader.text();
    const prior = reader.float32();
    const count = reader.count();
    const value = (flags & HAS_VALUE) !== 0 ? reader.float64() : undefined;
    const failure = (flags & HAS_FAILURE) !== 0 ? (JSON.parse(reader.text()) as Failure) : undefined;
    const outcome = OUTCOMES[flags & 7];
    const draw = (flags & HAS_DRAW) !== 0 ? readDraw(reader) : undefined;
    if (!(prior >= 0 && prior < Number.POSITIVE_INFINITY)) throw new RangeError(`has a prior of ${prior}`);
    if (!(count >= 1 && count <= 65_535)) throw new RangeError(`has a count of ${count}`);
    if (value !== undefined && !Number.isFinite(value)) throw new RangeError(`has a value of ${value}`);
    if (text === '' && outcome === undefined) throw new RangeError('has an empty step');
    return { text, prior, count, outcome, value, failure, draw };
  });
  if (kind === LOST && children.some(({ outcome }) => outcome !== 'lost')) {
    throw new RangeError('loses a draw that came');
  }
  const lost = children.reduce((sum, { outcome, count }) => sum + (outcome === 'lost' ? count : 0), 0);
  return {
    kind: kind === LOST ? 'lost' : 'tell',
    lane,
    leaf: place - 1,
    children,
    spent: {
      requests: requests!,
      candidates: candidates!,
      tokens: tokens!,
      failures: failures!,
      lost: counted ?? lost,
      estimates: estimates!,
    },
  };
};
