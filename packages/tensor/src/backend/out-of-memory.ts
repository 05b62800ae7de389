/** What was asked for when memory ran out, and what there was. */
export interface MemoryRequest {
  /** The backend whose memory it is, or the function that asked. */
  readonly where: string;
  /** Bytes asked for; left out where what failed was inside a library that does not say. */
  readonly requested?: number | undefined;
  /** Shape and type of the tensor it was for, where it was for one. */
  readonly tensor?: { readonly shape: readonly number[]; readonly dtype: string } | undefined;
  /** The operation that asked, by tfjs's name for it. */
  readonly operation?: string | undefined;
  /** Bytes in use by tensors and workspaces. */
  readonly inUse?: number | undefined;
  /** Bytes there are at most: altogether where `inUse` is given, otherwise in one piece. */
  readonly limit?: number | undefined;
}

/**
 * Thrown when a backend's memory is used up, before anything is written: every other tensor keeps its values, nothing is left half
 * made, and after tensors have been disposed of, work goes on. `requested`, `inUse` and `limit` are bytes, `tensor` the shape and type it was for; undefined where unknown.
 *
 * @example
 * ```ts
 * import { OutOfMemoryError } from '@svo/tensor';
 * const error = new OutOfMemoryError({ where: 'wasm', requested: 2 ** 29, inUse: 3.9e9, limit: 4.29e9 });
 * error.message.split(' (')[0]; // => 'wasm: no room for 536,870,912 bytes: 3.90 of at most 4.29 GB are in use'
 * ```
 */
export class OutOfMemoryError extends RangeError {
  override readonly name: string = 'OutOfMemoryError';
  readonly requested: number | undefined;
  readonly inUse: number | undefined;
  readonly limit: number | undefined;
  readonly tensor: MemoryRequest['tensor'];

  constructor(request: MemoryRequest, options?: ErrorOptions) {
    super(`${request.where}: ${said(request)} (${help(request)})`, options);
    this.requested = request.requested;
    this.inUse = request.inUse;
    this.limit = request.limit;
    this.tensor = request.tensor;
  }
}

function said({ requested, tensor, operation, inUse, limit }: MemoryRequest): string {
  const asked =
    requested === undefined ? 'what an operation needs inside' : `${requested.toLocaleString('en-US')} bytes`;
  const facts = [
    ...(tensor ? [`${tensor.dtype} of shape [${tensor.shape.join(', ')}]`] : []),
    ...(operation ? [`in ${operation}`] : []),
  ];
  const state =
    inUse !== undefined && limit !== undefined
      ? `: ${gigabytes(inUse)} of at most ${gigabytes(limit)} GB are in use`
      : limit === undefined
        ? ''
        : `: one piece may have at most ${limit.toLocaleString('en-US')}`;
  return `no room for ${asked}${facts.length > 0 ? `, ${facts.join(', ')}` : ''}${state}`;
}

function help({ requested, inUse, limit = 0 }: MemoryRequest): string {
  const fits = requested !== undefined && inUse !== undefined && requested + inUse <= limit;
  return `${fits ? 'what is free lies in pieces; ' : ''}dispose of tensors, use a smaller batch or shorter rows, or train fewer layers`;
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);

/** JavaScript's own refusal of a typed array, as an `OutOfMemoryError`; any other error as it is. */
export function asOutOfMemory(error: unknown, where: string, operation?: string): unknown {
  if (!(error instanceof RangeError) || error instanceof OutOfMemoryError) return error;
  if (!/array buffer allocation failed|invalid (typed array|array buffer) length: \d/i.test(error.message))
    return error;
  return new OutOfMemoryError({ where, operation }, { cause: error });
}
