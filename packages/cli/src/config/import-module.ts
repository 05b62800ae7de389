import { fileURLToPath, pathToFileURL } from 'node:url';

/** This package, for a configuration that imports `defineConfig` where the package is not installed (`npx @svo/cli`). */
const self = fileURLToPath(new URL(`../index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/** The default export of a module of the user's own, TypeScript too, on every Node. */
export async function importDefault(path: string): Promise<unknown> {
  if (/\.m?js$/.test(path)) return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, { alias: { '@svo/cli': self }, fsCache: false });
  return ((await jiti.import(path)) as { default?: unknown }).default;
}
