/** What users can import, from the `exports` of every package.json. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A module users import: `@svo/losses/reference` is `losses/reference` here and on the site. */
export interface Entry {
  readonly name: string;
  readonly file: string;
  readonly description: string;
}

/** Every module, described by its own first comment or by its package. */
export function entriesOf(root: string): Entry[] {
  return globSync('packages/*/package.json', { cwd: root })
    .sort()
    .flatMap((path) => {
      const { name, exports, description } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      return Object.entries<{ '@svo/source'?: string }>(exports).flatMap(([entry, { '@svo/source': source }]) => {
        if (source === undefined) return [];
        const file = join(root, dirname(path), source);
        const own = /^\/\*\*([\s\S]*?)\*\//
          .exec(readFileSync(file, 'utf8'))?.[1]
          ?.replaceAll(/\n \* ?/g, ' ')
          .trim();
        return [{ name: `${name}${entry.slice(1)}`.replace('@svo/', ''), file, description: own ?? description }];
      });
    });
}
