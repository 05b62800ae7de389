import type { Engine } from '../plans/running.ts';
import { literal } from './literal.ts';

/** The lines that start a backend with our kernels on it. */
export const engineLines = ({ backend, threads }: Engine): string[] => {
  const options = threads === undefined ? '' : `, { threads: ${threads} }`;
  const kernels = threads === undefined ? "{ engine: 'wasm' }" : `{ engine: 'wasm', threads: ${threads} }`;
  return [`await useBackend(${literal(backend)}${options});`, `await installKernels(${kernels});`, ''];
};

/** The lines that read rows, or trees, as a material. */
export function materialLines({
  data,
  trees,
  seed,
}: {
  readonly data: readonly string[];
  readonly trees: boolean;
  readonly seed: number;
}): string[] {
  if (!trees) {
    const [file] = data;
    if (data.length === 1) return [`const material = await rowMaterial(readRows(${literal(file)}), learner);`];
    return [
      'async function* rows() {',
      `  for (const file of ${literal(data)}) yield* readRows(file);`,
      '}',
      'const material = await rowMaterial(rows(), learner);',
    ];
  }
  return [
    `const trees = ${literal(data)}.flatMap((folder) => {`,
    '  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tree"));',
    '  return names.sort().map((name) => loadTree(readFileSync(join(folder, name))));',
    '});',
    `const material = treeMaterial(trees, { seed: ${seed} });`,
  ];
}
