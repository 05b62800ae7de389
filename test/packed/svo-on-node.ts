/** The packed `svo` under a Node of one's choice: it trains a model on a chat JSONL, from a TypeScript configuration. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chatPairs, tinyModel } from '../../packages/cli/src/test-support/tiny-model.ts';

/** What it said last, and the folder it worked in. */
export interface Trained {
  readonly folder: string;
  readonly done: { readonly event: string; readonly updates: number; readonly first: number; readonly last: number };
}

export async function svoOnNode(node: string, project: string): Promise<Trained> {
  const folder = mkdtempSync(join(tmpdir(), 'svo-packed-cli-'));
  await tinyModel(folder);
  chatPairs(join(folder, 'chat.jsonl'), 16);
  const config = "{ model: 'model', data: 'chat.jsonl', objective: 'dpo', train: { batchSize: 4, updates: 8 } }";
  const typed = `import { defineConfig, type SvoConfig } from '@svo/cli';\nconst own: SvoConfig = ${config};\nexport default defineConfig(own);\n`;
  writeFileSync(join(folder, 'svo.config.ts'), typed);
  const bin = join(project, 'node_modules', '.bin', 'svo');
  const out = execFileSync(node, [bin, 'train'], { cwd: folder, encoding: 'utf8' });
  return { folder, done: JSON.parse(out.trim().split('\n').at(-1)!) };
}
