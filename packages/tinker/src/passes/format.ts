import type { Body } from '../wire/connection.ts';
import type { Paper } from '../wire/paper.ts';
import type { Encoded } from './encoding.ts';

/** Forward alone, or with a gradient. */
export type PassKind = 'forward' | 'forward_backward';

/** How a pass is written, and its result read: JSON, or the official SDK's protobuf. */
export interface Format {
  readonly name: 'json' | 'protobuf';
  /** The path of a pass. */
  readonly path: (kind: PassKind) => string;
  /** Bytes of one row with its numbers, or a few more. */
  readonly size: (targets: number, inputs: Encoded['inputs'][number]) => number;
  /** A pass's body, given its `seq_id` and the memory to write it into. */
  readonly body: (kind: PassKind, model: string, encoded: Encoded) => (seqId: number, paper: Paper) => Body;
  /** How the result is asked for. */
  readonly accept: string;
}
