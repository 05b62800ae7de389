import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jsonlSink } from './jsonl-sink.ts';

it("jsonlSink appends one line a report, under TRL's names, also after a resume", () => {
  const path = join(mkdtempSync(join(tmpdir(), 'svo-jsonl-')), 'deep', 'log.jsonl');
  jsonlSink(path)({ step: 1, loss: 0.5, 'rewards/margins': 0.25 });
  jsonlSink(path)({ step: 2, loss: Number.NaN });
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    { global_step: 1, loss: 0.5, 'rewards/margins': 0.25 },
    { global_step: 2, loss: null },
  ]);
});
