/** A package as npm would publish it: publint and attw find no fault, and nothing travels that only tests need. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

/** What a program says when it finds a fault. */
const faultOf = (command: string, ...args: string[]): Promise<string | undefined> =>
  run(command, args, { cwd: root }).then(
    () => undefined,
    ({ stdout = '', stderr = '' }: { stdout?: string; stderr?: string }) => `${stdout}${stderr}`.trim(),
  );

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
export const publishFaults = async (name: string, tarball: string): Promise<string[]> =>
  [
    await faultOf(bin('publint'), 'run', tarball, '--strict'),
    await faultOf(bin('attw'), tarball, '--profile', 'esm-only'),
    await stray(tarball, name.slice('@svo/'.length)),
    await brokenLinks(tarball),
  ].filter((fault) => fault !== undefined);
