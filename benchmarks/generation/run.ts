/**
 * Generation with a KV cache side by side with Hugging Face `generate`: same machine, same run, turn by turn, same folder,
 * same prompts, greedy. Every token of every row must agree before anything is timed.
 *
 *   node --conditions=@svo/source benchmarks/generation/run.ts [models=a,b,c] [rounds=7] [threads=2]
 *
 * SVO_PYTHON names a Python with torch and transformers (default python3). Results: benchmarks/results/generation.json, one entry a
 * model and number of threads, written as each model is done.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, integer } from '@svo/mdp';
import { machine, readResults, writeResults } from '../results.ts';
import { type Peer, startPeer, summary } from '../train-step/peer.ts';

const promptTokens = 32;
const maxTokens = 64;
const [, , wanted = 'a,b,c', rounds = '7', threads = '2'] = process.argv;
const models = JSON.parse(readFileSync(new URL('models.json', import.meta.url), 'utf8')) as Record<
  string,
  { vocab_size: number }
>;
const limits = { OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads };

const node = (engine: string): [string, string[]] => [
  process.execPath,
  ['--conditions=@svo/source', join(import.meta.dirname, 'svo-peer.ts'), threads, engine],
];

/** Random prompts; every row its own. */
const promptsOf = (batch: number, vocabulary: number): number[][] => {
  let rng = createRng(batch);
  return Array.from({ length: batch }, () =>
    Array.from({ length: promptTokens }, () => {
      const [id, next] = integer(rng, vocabulary);
      rng = next;
      return id;
    }),
  );
};

interface Answer {
  readonly milliseconds: number;
  readonly ids: number[][];
}

/**
 * Both must write the same tokens. Where a row parts ways, both choices must have been equally likely but for the last bits
 * of a float32: random weights have such ties.
 */
const checkTokens = async (ours: Peer, prompts: number[][], mine: number[][], theirs: number[][]): Promise<number> => {
  let ties = 0;
  for (const [row, ids] of mine.entries()) {
    const at = ids.findIndex((id, t) => id !== theirs[row]![t]);
    if (at === -1) continue;
    const { gap } = await ours.ask<{ gap: number }>({
      do: 'gap',
      ids: [...prompts[row]!, ...ids.slice(0, at)],
      one: ids[at],
      other: theirs[row]![at],
    });
    if (!(gap < 1e-4))
      throw new Error(`row ${row} of ${mine.length}: token ${at} must be transformers', logits differ by ${gap}`);
    ties++;
  }
  return ties;
};

const compare = async (peers: readonly Peer[], batch: number, vocabulary: number): Promise<object[]> => {
  const ask = { do: 'generate', prompts: promptsOf(batch, vocabulary), maxTokens };
  const first = await Promise.all(peers.map((peer) => peer.ask<Answer>(ask)));
  const ties: number[] = [];
  for (const [index, { ids }] of first.entries())
    ties.push(await checkTokens(peers[Math.max(1, index)]!, ask.prompts, ids, first[0]!.ids));
  const times = peers.map((): number[] => []);
  for (let round = 0; round < Number(rounds); round++)
    for (const [index, peer] of peers.entries()) times[index]!.push((await peer.ask<Answer>(ask)).milliseconds);
  const theirs = summary(times[0]!);
  return peers.map(({ name }, index) => {
    const spread = summary(times[index]!);
    const tokensPerSecond = (batch * maxTokens * 1000) / spread.median;
    const ratio = theirs.median / spread.median;
    console.log(
      `  batch ${String(batch).padStart(2)}  ${name.padEnd(20)} ${spread.median.toFixed(1).padStart(8)} ms (${spread.low.toFixed(1)}–${spread.high.toFixed(1)})  ` +
        `${tokensPerSecond.toFixed(0).padStart(7)} tokens/s  ${ratio.toFixed(2)} of transformers (best to best ${(theirs.min / spread.min).toFixed(2)})`,
    );
    return {
      name,
      batch,
      rowsPartedAtATie: ties[index],
      milliseconds: spread,
      tokensPerSecond,
      ofTransformers: ratio,
      ofTransformersBest: theirs.min / spread.min,
    };
  });
};

/** Adds a model's results to what earlier runs have found. */
const keep = (name: string, found: object): void => {
  const entry = {
    date: new Date().toISOString(),
    machine: { ...machine, load: loadavg()[0] },
    threads: Number(threads),
    promptTokens,
    maxTokens,
    ...found,
  };
  writeResults('generation', { ...readResults('generation'), [`${name}, ${threads} threads`]: entry });
};

for (const name of wanted.split(',')) {
  const config = {
    model_type: 'llama',
    ...models[name],
    max_position_embeddings: 256,
    tie_word_embeddings: false,
    initializer_range: 0.12,
    bos_token_id: 1,
    eos_token_id: 2,
  };
  const folder = mkdtempSync(join(tmpdir(), 'svo-generation-'));
  const peers = [
    startPeer(
      'transformers',
      process.env.SVO_PYTHON ?? 'python3',
      [join(import.meta.dirname, 'transformers_peer.py'), threads],
      limits,
    ),
    startPeer('svo wasm', ...node('wasm'), limits),
    startPeer('svo wasm + OpenBLAS', ...node('openblas'), limits),
  ];
  try {
    await peers[1]!.ask({ do: 'init', folder: join(folder, 'model'), config });
    const reports: unknown[] = [];
    for (const peer of peers) reports.push(await peer.ask({ do: 'load', folder: join(folder, 'model') }));
    console.log(`\n(${name}) ${JSON.stringify(models[name])}, ${promptTokens} tokens read, ${maxTokens} written`);
    const rows: object[] = [];
    for (const batch of [1, 16, 64]) rows.push(...(await compare(peers, batch, models[name]!.vocab_size)));
    keep(name, { config, reports, rows });
  } finally {
    for (const peer of peers) peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
