/** An empty project outside the workspace, with every package in it as npm would bring it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** What people install beside the packages: the backend the guides use. */
const beside = { '@tensorflow/tfjs-backend-wasm': '4.22.0' };

/**
 * Builds, packs and installs; the same packages are installed once. Tarballs and `node_modules` lie in the folder it gives.
 */
export async function packedProject(): Promise<string> {
  await run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], { cwd: root });
  const fresh = mkdtempSync(join(tmpdir(), 'svo-packed-new-'));
  const tarballs = join(fresh, 'tarballs');
  const pack = ['-r', '--filter', './packages/*', '--filter', './main', 'pack', '--pack-destination', tarballs];
  await run('npx', ['-y', 'pnpm@12.18.0', ...pack], { cwd: root });
  const names = readdirSync(tarballs).toSorted();
  const hash = createHash('sha256');
  for (const name of names) hash.update(readFileSync(join(tarballs, name)));
  const folder = join(tmpdir(), `svo-packed-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) {
    const files = Object.fromEntries(
      names.map((name) => [name.replace(/^svo-(.*)-\d.*$/, '@svo/$1'), `file:tarballs/${name}`]),
    );
    const manifest = { name: 'a-project', private: true, type: 'module', dependencies: { ...files, ...beside } };
    writeFileSync(join(fresh, 'package.json'), JSON.stringify(manifest));
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    await run('npm', ['install', ...quiet], { cwd: fresh });
    mkdirSync(join(fresh, 'shown'));
    try {
      renameSync(fresh, folder);
    } catch {
      // Another run was quicker: its folder holds the same.
    }
  }
  rmSync(fresh, { recursive: true, force: true });
  return folder;
}

/** Every entry point of every package, as people write it in an import. */
export const entryPoints = (): string[] =>
  readdirSync(join(root, 'packages')).flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
      exports: object;
    };
    return Object.keys(exports)
      .filter((path) => !path.endsWith('.json'))
      .map((path) => `@svo/${name}${path.slice(1)}`);
  });
