import { appendFileSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { assertOptions } from '@svo/mdp';
import type { Sink } from '../types.ts';
import { scalarsEvent, versionEvent } from './tensorboard-event.ts';
import { tfRecord } from './tfrecord.ts';

/**
 * Writes reports as TensorBoard scalars: `tensorboard --logdir dir` shows them live. Each sink opens an event file of its
 * own, as TensorBoard expects of a resumed run; tags with a slash (`rewards/chosen`) are grouped by what comes before it.
 * @param options `now`: seconds since 1970, for the file's name and the time axis (default: the clock)
 * @example
 * ```ts
 * import { mkdtempSync, readdirSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { tensorboardSink } from '@svo/train';
 * const dir = mkdtempSync(join(tmpdir(), 'svo-'));
 * tensorboardSink(dir)({ step: 1, loss: 0.5 });
 * readdirSync(dir)[0]!.startsWith('events.out.tfevents.'); // => true
 * ```
 */
export function tensorboardSink(dir: string, options: { readonly now?: () => number } = {}): Sink {
  assertOptions('tensorboardSink', options, ['now']);
  const { now = () => Date.now() / 1000 } = options;
  mkdirSync(dir, { recursive: true });
  const opened = now();
  const stamp = `${Math.floor(opened)}.${hostname()}.${process.pid}.${Math.floor((opened % 1) * 1e6)}`;
  const path = join(dir, `events.out.tfevents.${stamp}`);
  appendFileSync(path, tfRecord(versionEvent(opened)));
  return ({ step, ...scalars }) => appendFileSync(path, tfRecord(scalarsEvent(now(), step, scalars)));
}
