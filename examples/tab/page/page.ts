/** The page: asks the worker to tell, folds what it hears into a picture, and shows that. */
import { zipSync } from 'fflate';
import { emptyPicture, type Picture, withScene } from '../story/picture.ts';
import { lanes, type Scene } from '../story/scenes.ts';
import { isSettingName } from '../story/setting.ts';
import type { ModelFolder } from '../story/story.ts';
import { keptInBrowser } from '../worker/indexed-db.ts';
import { backends, type Run, type ToPage, type ToWorker } from '../worker/messages.ts';
import { announcement } from './announce.ts';
import { byId, html } from './dom.ts';
import { stage } from './stage.ts';

const start = byId<HTMLButtonElement>('start');
const again = byId<HTMLButtonElement>('again');
const backend = byId<HTMLSelectElement>('backend');
const seed = byId<HTMLInputElement>('seed');

type State = 'new' | 'kept' | 'running' | 'pausing' | 'paused' | 'over';
const labels: Readonly<Record<State, string>> = {
  ...{ new: 'Start', kept: 'Continue', running: 'Pause', pausing: 'Pausing…', paused: 'Go on', over: 'Start' },
};

const kept = await keptInBrowser().catch((error: unknown) => {
  showFault(`this browser keeps nothing for the page (a private window?), ${error}`);
  throw error;
});
const view = stage();
let worker: Worker | undefined;
let picture: Picture = emptyPicture;
let state: State = 'new';
let began = 0;
let spent = 0;

function turn(to: State): void {
  if (state === 'running' || state === 'pausing') spent += performance.now() - began;
  began = performance.now();
  state = to;
  start.textContent = labels[state];
  start.disabled = state === 'pausing';
  start.hidden = state === 'over';
  again.hidden = state === 'new';
  document.body.classList.toggle('still', state !== 'running');
  document.body.dataset.state = state;
  for (const one of [backend, seed]) one.disabled = state === 'running' || state === 'pausing';
  tellTime();
}

/** Draws what there is, at most once a frame. */
let drawing = false;
function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    view.show(picture);
    tellTime();
  });
}

function tellTime(): void {
  const now = state === 'running' || state === 'pausing' ? performance.now() - began : 0;
  const seconds = Math.round((spent + now) / 1000);
  const device = picture.device === undefined ? '' : ` · ${picture.device}`;
  byId('state').textContent = state === 'new' ? '' : `${seconds} s${device}`;
}

function hear(message: ToPage): void {
  if (message.kind === 'scene') {
    picture = withScene(picture, message.scene);
    sayOf(message.scene);
  } else if (message.kind === 'picture') picture = message.picture;
  else if (message.kind === 'paused') turn('paused');
  else if (message.kind === 'over') turn('over');
  else fail(message.message);
  draw();
}

function sayOf(scene: Scene): void {
  const words = announcement(scene);
  if (words !== undefined) byId('said').textContent = words;
}

function showFault(message: string): void {
  const fault = byId('fault');
  fault.textContent = `It stopped: ${message}.`;
  fault.hidden = false;
}

function fail(message: string): void {
  showFault(message);
  worker?.terminate();
  worker = undefined;
  turn('kept');
}

function ask(message: ToWorker): void {
  if (worker === undefined) {
    worker = new Worker('worker.js', { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<ToPage>) => hear(data));
    worker.addEventListener('error', ({ message: what }) => fail(what || 'the worker did not start'));
  }
  worker.postMessage(message);
}

function chosen(): Run | undefined {
  const number = Number(seed.value);
  if (!seed.checkValidity() || seed.value === '') {
    seed.reportValidity();
    return undefined;
  }
  // The short ones are for tests.
  const wanted = new URLSearchParams(location.search).get('setting') ?? 'full';
  return {
    setting: isSettingName(wanted) ? wanted : 'full',
    seed: number,
    backend: backends.find((name) => name === backend.value) ?? 'wasm',
  };
}

function begin(): void {
  const run = chosen();
  if (run === undefined) return;
  worker?.terminate();
  worker = undefined;
  picture = emptyPicture;
  spent = 0;
  began = performance.now();
  byId('fault').hidden = true;
  view.clear();
  turn('running');
  ask({ kind: 'begin', run });
}

start.addEventListener('click', () => {
  if (state === 'new') begin();
  else if (state === 'running') {
    turn('pausing');
    ask({ kind: 'pause' });
  } else if (state === 'kept' || state === 'paused') {
    byId('fault').hidden = true;
    ask({ kind: state === 'kept' ? 'continue' : 'go on' });
    turn('running');
  }
});
again.addEventListener('click', begin);

for (const who of ['base', ...lanes] as const)
  byId<HTMLButtonElement>(`take-${who}`).addEventListener('click', async () => {
    const files = await kept.read<ModelFolder>(`model-${who}`);
    if (files === undefined) return;
    const inFolder = Object.entries(files).map(([name, bytes]) => [`svo-${who}/${name}`, bytes] as const);
    const zip = new Blob([zipSync(Object.fromEntries(inFolder)) as BlobPart], { type: 'application/zip' });
    const link = html('a', { href: URL.createObjectURL(zip), download: `svo-${who}.zip` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });

addEventListener('resize', view.fit);
setInterval(tellTime, 1000);
if (!('gpu' in navigator)) {
  const option = backend.querySelector<HTMLOptionElement>('[value=webgpu]');
  if (option !== null) option.disabled = true;
}

const known = await kept.read<Run>('run');
if (known !== undefined) {
  picture = (await kept.read<Picture>('picture')) ?? emptyPicture;
  seed.value = String(known.seed);
  backend.value = known.backend;
}
turn(known === undefined ? 'new' : picture.chapter === 'end' ? 'over' : 'kept');
draw();
