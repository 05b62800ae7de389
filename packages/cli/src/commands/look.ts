import type { AddressInfo } from 'node:net';
import { literal } from '../code/literal.ts';
import { lookServer } from '../look/serve.ts';
import { type LookPlan, lookPlanOf } from '../plans/look-plan.ts';
import type { Shell } from '../shell/shell.ts';
import { type Command, defineCommand } from './command.ts';

export const lookCommand: Command = defineCommand({
  name: 'look',
  summary: 'a run as a page on this machine, live while it runs: accuracies, rewards, solutions, trees',
  examples: ['svo look', 'svo look runs/run --port 8100'],
  keys: ['out'],
  plan: lookPlanOf,
  code: ({ folder }) =>
    `import { readFileSync } from 'node:fs';\nimport { loadTree, toHtml } from '@svo/mcts';\n\n// A tree as a page; the run's own page is made of @svo/report's plots in the same way.\nconsole.log(toHtml(loadTree(readFileSync(${literal(`${folder}/trees/search/000000.tree`)}))));\n`,
  estimate: async ({ folder }) => ({ lines: [`${folder} would be shown on 127.0.0.1`], record: { folder } }),
  run: runLook,
});

/** Serves until Ctrl-C, which is how looking ends. */
async function runLook({ folder, port }: LookPlan, shell: Shell): Promise<void> {
  const server = lookServer(folder);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  shell.tell('listening', { url, folder }, `${folder}: ${url}  (Ctrl-C ends)`);
  await new Promise<void>((resolve) => {
    if (shell.signal.aborted) resolve();
    shell.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  server.closeAllConnections();
  server.close();
}
