import type { Connection } from '../../http/connection.ts';

/** The path of one of OpenAI's endpoints: without a path of its own, an address gets `/v1`. */
export function openaiPath({ base }: Connection, path: string): string {
  return base.pathname === '/' ? `/v1${path}` : path;
}
