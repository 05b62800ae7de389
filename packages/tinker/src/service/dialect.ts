import type { Reduction } from '../passes/encoding.ts';

/** What servers do differently and nothing on the wire says. What is not given is found out before the first model is made. */
export interface Dialect {
  /** What `forward_backward` makes of its data. */
  readonly reduction?: Reduction;
  /** Whether a request sent again with the same `seq_id` is known for the same. */
  readonly repeats?: boolean;
  /** Whether passes may be sent as protobuf, which is a third of JSON's size. */
  readonly protobuf?: boolean;
  /**
   * Whether samplers keep weights of their own. False by default: then a sampler is refused once its model was updated, and
   * no update is made while samples are out.
   */
  readonly samplersAreCopies?: boolean;
}

/** The dialect a caller gave, where it leaves nothing to find out; what is safe everywhere counts as given. */
export function known({
  reduction,
  repeats,
  protobuf = false,
  samplersAreCopies = false,
}: Dialect): Required<Dialect> | undefined {
  if (reduction === undefined || repeats === undefined) return undefined;
  return { reduction, repeats, protobuf, samplersAreCopies };
}
