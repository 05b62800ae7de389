/** A package as npm would publish it: publint and attw find no fault, and nothing travels that only tests need. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** What publint finds, warnings too. */
async function publintFaults(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true, level: 'error' });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** What attw calls its profile `esm-only`: how CommonJS and old resolvers read a package is nobody's concern. */
const ignored: readonly string[] = ['node10', 'node16-cjs'];

/** What attw finds wrong with the types. */
async function attwFaults(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(bytes));
  if (!analysis.types) return ['attw: the package has no types'];
  return analysis.problems
    .filter((problem) => !('resolutionKind' in problem && ignored.includes(problem.resolutionKind)))
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}

/** What must not travel: tests and what only they use, the compiler's notes, maps to sources that stay at home. */
async function stray(tarball: string, name: string): Promise<string | undefined> {
  const home = name === 'main' ? join(root, name) : join(root, 'packages', name);
  const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    exports: object;
  };
  const testing = './testing' in exports ? '' : '|/testing/';
  const forbidden = new RegExp(String.raw`\.test\.|/test-support/|tsbuildinfo|\.d\.ts\.map$|^package/src/${testing}`);
  const paths = (await run('tar', ['-tzf', tarball])).stdout.trim().split('\n');
  const wrong = paths.filter((path) => forbidden.test(path));
  return wrong.length === 0 ? undefined : `must not be published: ${wrong.join(', ')}`;
}

/** A README's links lead to what ships, or to a page. */
async function brokenLinks(tarball: string): Promise<string | undefined> {
  const paths = new Set((await run('tar', ['-tzf', tarball])).stdout.trim().split('\n'));
  const { stdout: readme } = await run('tar', ['-xzOf', tarball, 'package/README.md']);
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => link!);
  const wrong = links.filter((link) => !paths.has(join('package', link)));
  return wrong.length === 0 ? undefined : `README links to what does not ship: ${wrong.join(', ')}`;
}

/** Every package that is packed, with its tarball. */
export const tarballs = (project: string): Readonly<Record<string, string>> => {
  const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.fromEntries(
    Object.entries(dependencies).flatMap(([name, from]) =>
      from.startsWith('file:') ? [[name, join(project, from.slice('file:'.length))]] : [],
    ),
  );
};

/** What is wrong with a package, in the words of who found it. */
export async function publishFaults(name: string, tarball: string): Promise<string[]> {
  // A copy of its own: what is read of a small file shares a larger buffer.
  const bytes = Uint8Array.from(readFileSync(tarball));
  const others = [await stray(tarball, name.slice('@svo/'.length)), await brokenLinks(tarball)];
  return [
    ...(await publintFaults(bytes)),
    ...(await attwFaults(bytes)),
    ...others.filter((fault) => fault !== undefined),
  ];
}
