/** A `tinker_public.SampleResponse` in the shape of its JSON. */
import { float32sOf, int32sOf, messageOf } from '../wire/bytes/protobuf.ts';

const stopReasons = ['stop', 'length'];

/** @throws RangeError for bytes that are no such message */
export function sampleResultOf(bytes: Uint8Array): object {
  const response = messageOf(bytes);
  const prompt = response.parts(2).at(-1);
  return {
    sequences: response.parts(1).map((part) => {
      const sequence = messageOf(part);
      return {
        tokens: Array.from(int32sOf(sequence.parts(2).at(-1) ?? new Uint8Array())),
        logprobs: Array.from(float32sOf(sequence.parts(3).at(-1) ?? new Uint8Array())),
        stop_reason: stopReasons[sequence.number(1)],
      };
    }),
    ...(prompt && { prompt_logprobs: Array.from(float32sOf(prompt)) }),
  };
}
