/** A Hugging Face folder of a given shape with random bf16 weights, written as a stream: no model of that size is ever held. */
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toBfloat16 } from '@svo/files';
import { createRng, normals } from '@svo/mdp';
import { type ModelConfig, parameterShapes, parseConfig } from '@svo/models';

/** Numbers that repeat, each tensor beginning at another: a million are random enough to measure memory and time by. */
const period = 1 << 20;

/** Writes config.json and model.safetensors. */
export async function writeRandomFolder(folder: string, config: ModelConfig): Promise<void> {
  const shapes = Object.entries(parameterShapes(parseConfig(config, 'writeRandomFolder')));
  const size = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
  const draws = normals(createRng(1), period);
  const weights = new Uint8Array(toBfloat16(Float32Array.from(draws, (x) => x * 0.02)).buffer);
  const ones = new Uint8Array(toBfloat16(new Float32Array(period).fill(1)).buffer);
  let end = 0;
  const tensors = shapes.map(([name, shape]) => {
    const start = end;
    end += 2 * size(shape);
    return [name, { dtype: 'BF16', shape, data_offsets: [start, end] }] as const;
  });
  const text = JSON.stringify(Object.fromEntries(tensors));
  const header = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const file = await open(join(folder, 'model.safetensors'), 'w');
  try {
    await file.write(new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer));
    await file.write(header);
    for (const [index, [name, shape]] of shapes.entries()) {
      const source = name.endsWith('norm.weight') ? ones : weights;
      let from = ((index * 7919) % period) * 2;
      for (let left = 2 * size(shape); left > 0; from = 0) {
        const piece = source.subarray(from, Math.min(source.length, from + left));
        await file.write(piece);
        left -= piece.length;
      }
    }
  } finally {
    await file.close();
  }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
}
