import type { Encoded } from './encoding.ts';

/** A pass's body, given its `seq_id`: data that is JSON already is put in as it is. */
export function passBody(
  id: string,
  pass: 'forward' | 'forward_backward',
  { lossFn, config }: Omit<Encoded, 'data'>,
  data: readonly string[],
): (seqId: number) => string {
  const rest = JSON.stringify({ loss_fn: lossFn, ...(config && { loss_fn_config: config }) }).slice(1);
  return (seqId) =>
    `{"model_id":${JSON.stringify(id)},"seq_id":${seqId},"${pass}_input":{"data":[${data.join(',')}],${rest}}`;
}
