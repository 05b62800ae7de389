/** The house rules as a program: which way the arrows run, who may touch tfjs, how large a file may grow. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { circles, filesOf, importsOf } from '../scripts/house/circles.ts';

const root = join(import.meta.dirname, '..');
const packagesFolder = join(root, 'packages');

/** Who may depend on whom, from shared DESIGN section 3. Test files may import more; they are not in this graph. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  mdp: [],
  files: [],
  verify: ['mdp'],
  policy: ['mdp'],
  mcts: ['mdp'],
  data: ['mdp', 'files'],
  tensor: ['files'],
  kernels: ['files', 'tensor'],
  losses: ['files', 'tensor'],
  models: ['mdp', 'files', 'tensor', 'kernels'],
  train: ['mdp', 'files', 'tensor', 'kernels'],
  recipes: ['mdp', 'verify', 'mcts', 'data', 'tensor', 'losses', 'models', 'train'],
  tinker: ['mdp', 'files', 'policy', 'tensor', 'train'],
  report: ['mdp'],
  queue: ['mdp', 'mcts'],
  cli: [
    ...[
      'mdp',
      'files',
      'verify',
      'policy',
      'mcts',
      'data',
      'tensor',
      'kernels',
      'models',
      'train',
      'report',
      'recipes',
    ],
    ...['tinker', 'main'],
  ],
};

/** Text-side packages run in a browser and a worker: no Node modules in what they export, save where files are their purpose. */
const browserPackages = ['mdp', 'files', 'verify', 'policy', 'losses', 'kernels', 'tinker'];

const isTest = (file: string): boolean =>
  /\.(test|bench)\.ts$|[\\/](testing|test-support)[\\/]|-contract\.ts$/.test(file);
const packages = readdirSync(packagesFolder).filter((name) => !name.startsWith('.'));
const sources = packages.flatMap((name) => filesOf(join(packagesFolder, name, 'src')).map((file) => ({ name, file })));

test('every package has its arrows written down, and package.json agrees', () => {
  expect([...packages].sort()).toEqual(Object.keys(arrows).sort());
  for (const name of packages) {
    const manifest = JSON.parse(readFileSync(join(packagesFolder, name, 'package.json'), 'utf8'));
    const wanted = Object.keys(manifest.dependencies ?? {})
      .filter((dependency) => dependency.startsWith('@svo/'))
      .map((dependency) => dependency.slice('@svo/'.length));
    expect(
      wanted.filter((dependency) => !arrows[name]!.includes(dependency)),
      `packages/${name}/package.json`,
    ).toEqual([]);
  }
});

describe.each(packages)('%s', (name) => {
  const own = sources.filter((source) => source.name === name && !isTest(source.file));

  test('imports only along the arrows', () => {
    const wrong = own.flatMap(({ file }) =>
      importsOf(file)
        .filter((from) => from.startsWith('@svo/'))
        .map((from) => from.split('/')[1]!)
        .filter((target) => target !== name && !arrows[name]!.includes(target))
        .map((target) => `${relative(root, file)} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('index files list names one by one', () => {
    for (const { file } of own.filter((source) => source.file.endsWith('index.ts')))
      expect(readFileSync(file, 'utf8'), relative(root, file)).not.toMatch(/export\s+\*/);
  });

  test('opens on a list of chapters: at most a dozen files stand beside them, and a long index names them', () => {
    const folder = join(packagesFolder, name, 'src');
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeLessThanOrEqual(12);
    const index = readFileSync(join(folder, 'index.ts'), 'utf8');
    if (index.match(/^export /gm)!.length > 12) expect(index).toMatch(/^\/(\/|\*\*) \w/m);
  });

  test('has a README with an example', () => {
    expect(readFileSync(join(packagesFolder, name, 'README.md'), 'utf8')).toMatch(/```ts/);
  });
});

test('two files import tfjs: its operations, name by name, and its backends', () => {
  const importers = sources.filter(
    ({ file }) => !isTest(file) && importsOf(file).some((from) => from.startsWith('@tensorflow/')),
  );
  expect(importers.map(({ file }) => relative(root, file).replaceAll('\\', '/')).toSorted()).toEqual([
    'packages/tensor/src/tf.ts',
    'packages/tensor/src/tfjs/operations.ts',
  ]);
});

test("test helpers that are published stand in testing, everybody's own in test-support", () => {
  const named = packages.flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(join(packagesFolder, name, 'package.json'), 'utf8'));
    return './testing' in exports ? [`packages/${name}/src/testing/`] : [];
  });
  const testing = [...sources.map(({ file }) => file), ...filesOf(join(root, 'main'))]
    .map((file) => relative(root, file).replaceAll('\\', '/'))
    .filter((file) => file.includes('/testing/') && !named.some((folder) => file.startsWith(folder)));
  expect(testing).toEqual([]);
});

test('no file is longer than 400 lines', () => {
  const all = [
    ...sources.map(({ file }) => file),
    ...['main', 'examples', 'test', 'benchmarks'].flatMap((folder) => filesOf(join(root, folder))),
  ];
  const long = all
    .map((file) => [relative(root, file), readFileSync(file, 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > 400);
  expect(long).toEqual([]);
});

/** Folders whose files are all of one kind, as many as there are of it. */
const collections = ['models/src/decoder/families', 'recipes/src/tasks'];

test('a folder is a chapter: at most fifteen sources stand in it', () => {
  const own = sources.filter(({ file }) => !/\.(test|bench)\.ts$/.test(file));
  const folders = own.map(({ file }) => relative(packagesFolder, join(file, '..')).replaceAll('\\', '/'));
  const full = [...new Set(folders)].filter(
    (folder) => !collections.includes(folder) && folders.filter((other) => other === folder).length > 15,
  );
  expect(full).toEqual([]);
});

test('no circle of imports between files, types and assembly included', () => {
  const found = circles(root).map((files) =>
    files.map((file) => relative(packagesFolder, file).replaceAll('\\', '/')).sort(),
  );
  expect(found.sort()).toEqual([]);
});

test("tfjs's private parts are touched in one folder", () => {
  const inside = 'packages/tensor/src/backend/internals/';
  const wrong = sources
    .map(({ file }) => ({ file, name: relative(root, file).replaceAll('\\', '/') }))
    .filter(({ file, name }) => !isTest(file) && !name.startsWith(inside))
    .filter(({ file }) =>
      /tf\.(engine|backend)\(\)\s*(as unknown|\.(registry|state|backend)\b)|\.kernelFunc\s*=/.test(
        readFileSync(file, 'utf8'),
      ),
    );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('packages for the browser import no Node module', () => {
  const wrong = sources
    .filter(({ name, file }) => browserPackages.includes(name) && !isTest(file))
    .filter(({ file }) => importsOf(file).some((from) => from.startsWith('node:')))
    .map(({ file }) => relative(root, file));
  expect(wrong).toEqual([]);
});

test('nothing is switched off and no machine path is written down', () => {
  const wrong = sources.filter(({ file }) => {
    const text = readFileSync(file, 'utf8');
    return (
      /\bas any\b|: any\b|@ts-ignore|@ts-nocheck/.test(text) || /['"`](\/tmp\/|\/root\/|\/home\/|\/work\/)/.test(text)
    );
  });
  expect(wrong.map(({ file }) => relative(root, file))).toEqual([]);
});
