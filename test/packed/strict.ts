/** Every block of the READMEs, guides and docstrings as a file of a strict project, checked by the compiler as a reader's own code would be. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedBlocks } from '../documented-code.ts';

const root = join(import.meta.dirname, '..', '..');

/** What the compiler says about blocks, by the place they are shown at; empty when all compile. */
export function strictFaults(project: string): string[] {
  const folder = join(project, 'shown');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const blocks = documentedBlocks(root);
  for (const [i, { code }] of blocks.entries()) writeFileSync(join(folder, `block-${i}.ts`), `${code}\nexport {};\n`);
  const compilerOptions = {
    target: 'es2023', // what Node 20 has
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true, // tfjs's own types need it
    noEmit: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
    return [];
  } catch (error) {
    const said = (error as { stdout: string }).stdout;
    return said
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith(' '))
      .map((line) => line.replace(/^block-(\d+)\.ts\((\d+),\d+\)/, (_, i, at) => `${blocks[Number(i)]!.place} +${at}`));
  }
}
