/**
 * A child process of full-disk.test.ts: writes where the disk ends within a file, and says what is left. The first save fits, the second does not;
 * of a download, not even the first.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CausalLm, causalLm, downloadModel, loadPretrained, saveGguf, savePretrained } from '@svo/models';
import { tf, useBackend } from '@svo/tensor';
import { initialTrainState, loadCheckpoint, saveCheckpoint, sgd } from '@svo/train';

const [, , kind, folder] = process.argv as [string, string, string, string];
await useBackend('cpu');

const modelOf = (width: number): CausalLm =>
  causalLm({
    model_type: 'llama',
    vocab_size: 32,
    hidden_size: width,
    intermediate_size: width,
    num_hidden_layers: 1,
    num_attention_heads: 2,
  });

type Save = (model: CausalLm, params: ReturnType<CausalLm['init']>) => Promise<unknown>;
const path = join(folder, kind === 'saveGguf' ? 'model.gguf' : 'model');
const saves: Readonly<Record<string, Save>> = {
  saveGguf: (lm, params) => saveGguf(path, { lm, params, dtype: 'F32' }),
  savePretrained: (lm, params) => savePretrained(path, { lm, params }),
  saveCheckpoint: (_, params) => saveCheckpoint(path, initialTrainState(params, sgd({ learningRate: 0.1 }))),
};

const load = async (): Promise<ReturnType<CausalLm['init']>> =>
  kind === 'saveCheckpoint' ? { ...(await loadCheckpoint(path)).params } : (await loadPretrained(path)).params;

/** Every file there, hidden ones too, with its bytes. */
const content = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'filler')
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((name) => [name.slice(folder.length + 1), readFileSync(name, 'latin1')]),
  );

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing failed',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );

if (kind === 'downloadModel') {
  const code = await failure(downloadModel('org/name'));
  process.env.HF_HUB_OFFLINE = '1';
  const offline = await failure(loadPretrained('org/name'));
  process.env.HF_HUB_OFFLINE = '';
  const kept = Object.entries(content()).map(([name, bytes]) => [name.split('/').at(-1), bytes.length]);
  // On a disk of its own there is room again once this is gone.
  const filler = join(folder, 'filler');
  const freed = statSync(filler, { throwIfNoEntry: false }) !== undefined;
  rmSync(filler, { force: true });
  const later = freed ? Object.keys((await loadPretrained('org/name')).params).length : undefined;
  process.stdout.write(JSON.stringify({ code, offline, kept, later }));
} else {
  const [small, large] = [modelOf(16), modelOf(256)];
  const first = small.init(1);
  await saves[kind]!(small, first);
  const before = content();
  const code = await failure(saves[kind]!(large, large.init(2)));
  const after = content();
  const name = 'model.layers.0.mlp.up_proj.weight';
  const [wanted, found] = [first[name]!, (await load())[name]!].map((tensor) =>
    tf.tidy(() => tensor.dataSync().join()),
  );
  process.stdout.write(
    JSON.stringify({ code, untouched: JSON.stringify(before) === JSON.stringify(after), loads: wanted === found }),
  );
}
