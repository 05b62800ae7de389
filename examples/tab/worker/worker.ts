/** Where the work is done, so that the page stays alive: tells the story scene by scene, and stops between two where asked. */
import { installKernels } from '@svo/kernels';
import { useBackend } from '@svo/tensor';
import type { Kept } from '../story/kept.ts';
import { emptyPicture, type Picture, withScene } from '../story/picture.ts';
import { settingOf } from '../story/setting.ts';
import { story } from '../story/story.ts';
import { keptInBrowser } from './indexed-db.ts';
import type { BackendName, Run, ToPage, ToWorker } from './messages.ts';

let paused = false;
let wake = (): void => {};

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'pause') paused = true;
  else if (data.kind === 'go on') {
    paused = false;
    wake();
  } else
    perform(data.kind === 'begin' ? data.run : undefined).catch((error: unknown) =>
      say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
    );
});

const say = (message: ToPage): void => postMessage(message);

/** Two pages would write over each other. */
async function perform(run: Run | undefined): Promise<void> {
  await navigator.locks.request('svo-tab', { ifAvailable: true }, async (lock) => {
    if (lock === null) throw new Error('a run goes on in another tab; close it, or go on there');
    await tell(run);
  });
}

async function tell(fresh: Run | undefined): Promise<void> {
  const browser = await keptInBrowser();
  if (fresh !== undefined) {
    await browser.clear();
    await browser.write({ run: fresh });
  }
  const run = fresh ?? (await browser.read<Run>('run'));
  if (run === undefined) throw new Error('nothing is kept to go on with');
  let picture = (await browser.read<Picture>('picture')) ?? emptyPicture;
  // What is shown is kept with what it was made from, in one transaction.
  const kept: Kept = { read: browser.read, write: (entries) => browser.write({ ...entries, picture }) };
  say({ kind: 'picture', picture });
  picture = withScene(picture, { kind: 'engine', device: await startEngine(run.backend) });
  say({ kind: 'picture', picture });
  for await (const scene of story(settingOf(run.setting, run.seed), kept)) {
    picture = withScene(picture, scene);
    say({ kind: 'scene', scene });
    await breath();
    if (paused) {
      say({ kind: 'paused' });
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  await kept.write({});
  say({ kind: 'over' });
}

async function startEngine(backend: BackendName): Promise<string> {
  const wasmPath = new URL('wasm/', location.href).href;
  const { device } = await useBackend(backend, { wasmPath });
  const { kernels } = await installKernels(backend === 'wasm' ? { wasmPath, engine: 'wasm' } : {});
  return `${backend === 'wasm' ? device : `WebGPU on ${device}`}, ${kernels.length} fused kernels`;
}

/** Lets what the page has sent come in. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
