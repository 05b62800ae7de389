import { isRecord } from '../wire/detail.ts';
import { ProtocolError } from '../wire/errors.ts';

/**
 * The log-probs of each row's targets in a `forward` or `forward_backward` result.
 * @throws ProtocolError when rows or numbers are missing, or a log-prob is none: `null` is what a token id beyond the
 *   vocabulary gives
 */
export function logpsOf(path: string, value: unknown, lengths: readonly number[]): Float32Array[] {
  const outputs = isRecord(value) ? value.loss_fn_outputs : undefined;
  if (!Array.isArray(outputs) || outputs.length !== lengths.length)
    throw new ProtocolError(path, `loss_fn_outputs must hold ${lengths.length} rows`);
  return outputs.map((output: unknown, row) => {
    const logprobs = isRecord(output) ? output.logprobs : undefined;
    const data = isRecord(logprobs) ? logprobs.data : undefined;
    if (!(Array.isArray(data) || data instanceof Float32Array) || data.length !== lengths[row])
      throw new ProtocolError(path, `row ${row} must hold ${lengths[row]} log-probs`);
    // Protobuf's are read where they lie.
    const logps = data instanceof Float32Array ? data : new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const logp: unknown = data[i];
      if (typeof logp !== 'number' || !Number.isFinite(logp))
        throw new ProtocolError(
          path,
          `log-prob ${i} of row ${row} is no number (is every token id in the model's vocabulary?)`,
        );
      logps[i] = logp;
    }
    return logps;
  });
}

/** The finite numbers among a result's metrics. */
export function metricsOf(value: unknown): Record<string, number> {
  const metrics = isRecord(value) && isRecord(value.metrics) ? value.metrics : {};
  return Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
}
