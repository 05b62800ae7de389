/** A child process for checkpoint.test.ts: saves once, or over and over until it is killed, and says what it saved. */
import { tf } from '@svo/tensor';
import { loadCheckpoint, saveCheckpoint } from '../checkpoints/checkpoint.ts';

const [, , dir, mode] = process.argv;
await tf.setBackend('cpu');
const { step: start } = await loadCheckpoint(dir!);
const params = { weight: tf.ones([256, 1024]) };
for (let step = start + 1; ; step++) {
  try {
    await saveCheckpoint(dir!, { step, tokens: 0, params, optimizer: { first: params } }, { keep: 3 });
    process.stdout.write(`saved ${step}\n`);
  } catch (error) {
    process.stdout.write(`save failed: ${(error as NodeJS.ErrnoException).code}\n`);
  }
  if (mode !== 'forever') break;
}
