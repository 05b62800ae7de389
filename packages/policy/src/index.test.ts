import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const here = new URL('./', import.meta.url);
const sources = (readdirSync(here, { recursive: true }) as string[]).filter(
  (file) => file.endsWith('.ts') && !/\.test\.ts$|^testing/.test(file),
);

it('the main entry asks nothing of Node, so that it runs in a browser', () => {
  expect(sources.length).toBeGreaterThan(20);
  for (const file of sources) {
    const code = readFileSync(new URL(file, here), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    expect(code, file).not.toMatch(/from '(node:|.*testing)|\b(process|Buffer|require)\./);
  }
});
