/** One client: trains a model on a server up to a step, from its last checkpoint where there is one, and says every loss. May be killed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonFile, wholeFolder, writeFolder } from '@svo/files';
import { useBackend } from '@svo/tensor';
import { type Dialect, tinkerService } from '@svo/tinker';
import { adam, dvoAgainst, rank, rows, seed } from './setting.ts';

const [dir, last] = [process.argv[2]!, Number(process.argv[3])];
const { TINKER_BASE_URL: baseUrl, TINKER_BASE_MODEL: baseModel, TINKER_DIALECT: dialect } = process.env;
await useBackend('cpu');
const service = await tinkerService({ baseUrl: baseUrl!, retryMs: 20_000, dialect: JSON.parse(dialect!) as Dialect });
interface Saved {
  readonly path: string;
  readonly step: number;
  readonly reference: readonly number[][];
}
const saved = existsSync(dir)
  ? (JSON.parse(readFileSync(join(await wholeFolder(dir), 'run.json'), 'utf8')) as Saved)
  : undefined;
const model = saved
  ? await service.resume(saved.path)
  : await service.createModel({ baseModel: baseModel!, rank, seed });
const reference = saved ? saved.reference.map((row) => Float32Array.from(row)) : await model.logps(rows);
const loss = dvoAgainst(reference);
for (let step = (saved?.step ?? 0) + 1; step <= last; step++) {
  console.log(JSON.stringify({ step, loss: (await model.lossStep(rows, loss, adam)).loss }));
  if (step % 3 === 0) {
    const path = await model.save(`step-${step}`);
    await writeFolder(dir, [jsonFile('run.json', { path, step, reference: reference.map((row) => Array.from(row)) })]);
  }
}
const after = await model.logps(rows);
console.log(JSON.stringify({ done: true, logps: after.map((row) => Array.from(row)) }));
await service.close();
