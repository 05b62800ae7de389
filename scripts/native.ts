/**
 * `npm run native [cpu|gpu]`: builds tfjs-node's binding against the libtensorflow inside TensorFlow's Python wheel.
 *
 * tfjs-node's own installer fetches a libtensorflow of 2022 (2.9, CUDA 11) from a host that not everyone can reach.
 * The wheel brings a current one with its headers; the binding compiles against it in about ten seconds. Needs
 * python3, make and a C++ compiler. With `gpu` the wheel is the CUDA one.
 *
 * SVO_PYTHON: a python whose environment already has TensorFlow; otherwise one is made under .native/.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '2.21.0';
const root = fileURLToPath(new URL('..', import.meta.url));

function run(command: string, args: string[], cwd = root): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(
      `${command} ${args.join(' ')} failed (${error?.message ?? `status ${status}`})\n${stdout}\n${stderr}`,
    );
  return stdout.trim();
}

/** A python that can import TensorFlow. */
function pythonWithTensorflow(kind: 'cpu' | 'gpu'): string {
  if (process.env.SVO_PYTHON) return process.env.SVO_PYTHON;
  const folder = join(root, '.native', kind);
  const python = join(folder, 'bin', 'python');
  if (!existsSync(python)) run('python3', ['-m', 'venv', folder]);
  const wheel = kind === 'gpu' ? `tensorflow[and-cuda]==${version}` : `tensorflow-cpu==${version}`;
  console.log(`installing ${wheel} into ${folder}`);
  run(python, ['-m', 'pip', 'install', '--quiet', wheel]);
  return python;
}

/** Lays the wheel's headers and libraries where the binding's build looks for them. */
function layDependencies(addon: string, tensorflow: string, kind: 'cpu' | 'gpu'): void {
  const deps = join(addon, 'deps');
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  symlinkSync(join(tensorflow, 'include'), join(deps, 'include'));
  for (const [link, file] of Object.entries({
    'libtensorflow.so': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  })) {
    symlinkSync(join(tensorflow, file), join(deps, 'lib', link));
    // The loader asks for the name inside the library, the linker for the plain one.
    symlinkSync(join(tensorflow, file), join(deps, 'lib', file));
  }
  if (kind === 'cpu') return;
  // CUDA's libraries come as wheels of their own, beside TensorFlow's; useBackend('tensorflow-gpu') loads them from here.
  const cuda = join(tensorflow, '..', 'nvidia');
  if (existsSync(cuda)) symlinkSync(cuda, join(deps, 'nvidia'));
  else
    console.warn(`no ${cuda}: CUDA and cuDNN must be installed on the system (or: pip install 'tensorflow[and-cuda]')`);
}

const began = performance.now();
const kind = process.argv[2] === 'gpu' ? 'gpu' : 'cpu';
const requireFromTensor = createRequire(join(root, 'packages/tensor/package.json'));
const addon = realpathSync(dirname(requireFromTensor.resolve('@tensorflow/tfjs-node/package.json')));
const python = pythonWithTensorflow(kind);
const locate = 'import importlib.util as u; print(u.find_spec("tensorflow").submodule_search_locations[0])';
layDependencies(addon, run(python, ['-c', locate]), kind);
console.log('building the binding');
const builder = createRequire(join(addon, 'package.json')).resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
// npx puts the compiler's driver on the PATH, which is where node-pre-gyp looks for it.
const build = ['--package', 'node-gyp@13.1.0', '--', process.execPath, builder, 'install', '--build-from-source'];
run('npx', ['--yes', ...build], addon);
writeFileSync(join(addon, 'deps', 'kind'), kind);
console.log(
  `done in ${((performance.now() - began) / 1000).toFixed(0)} s: useBackend('${kind === 'gpu' ? 'tensorflow-gpu' : 'tensorflow'}')`,
);
