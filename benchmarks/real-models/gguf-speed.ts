/**
 * Greedy generation from one GGUF file, turn by turn with llama.cpp: one row, 32 tokens read, the weights in the file's own width, the same with `activations: 'int8'`, and as float32.
 *
 *   node --conditions=@svo/source benchmarks/real-models/gguf-speed.ts FILE.gguf [rounds=5] [tokens=64]
 *
 * SVO_PYTHON names a Python with llama-cpp-python. The file is also written here as Q8_0 and F16. Results: benchmarks/results/gguf-speed.json.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPretrained, saveGguf } from '@svo/models';
import { earlier, machine, writeResults } from '../results.ts';
import { startPeer, summary } from '../train-step/peer.ts';

const threads = '2';
const [, , file, rounds = '5', tokens = '64'] = process.argv;
if (file === undefined) throw new Error('gguf-speed: name a GGUF file');
const place = mkdtempSync(join(tmpdir(), 'svo-gguf-speed-'));
const script = (name: string): string => join(import.meta.dirname, name);
const ours = (name: string, weights: string, activations: string) =>
  startPeer(`svo, ${name}`, process.execPath, [
    '--conditions=@svo/source',
    script('gguf-speed-peer.ts'),
    threads,
    weights,
    activations,
  ]);

interface Answer {
  readonly milliseconds: number;
  readonly ids: number[];
}

/** A file whose weights are halves has nothing that int8 could be multiplied with. */
async function compare(path: string, quants: boolean): Promise<object> {
  const peers = [
    startPeer('llama.cpp', process.env.SVO_PYTHON ?? 'python3', [script('llama_cpp_speed.py'), threads]),
    ours('as the file has them', 'stored', 'float32'),
    ...(quants ? [ours('the same, activations int8', 'stored', 'int8')] : []),
    ours('float32', 'float32', 'float32'),
  ];
  try {
    const prompt = Array.from({ length: 32 }, (_, i) => 1000 + i * 37);
    const times = peers.map((): number[] => []);
    for (const peer of peers) await peer.ask({ do: 'generate', path, prompt, tokens: Number(tokens) });
    for (let round = 0; round < Number(rounds); round++)
      for (let turn = 0; turn < peers.length; turn++) {
        const i = (round + turn) % peers.length;
        const { milliseconds, ids } = await peers[i]!.ask<Answer>({
          do: 'generate',
          path,
          prompt,
          tokens: Number(tokens),
        });
        if (ids.length !== Number(tokens))
          throw new Error(`${peers[i]!.name}: ${tokens} tokens asked, ${ids.length} came`);
        times[i]!.push(milliseconds);
      }
    return {
      date: new Date().toISOString(),
      load: loadavg()[0],
      tokens: Number(tokens),
      results: peers.map(({ name }, i) => {
        const milliseconds = summary(times[i]!);
        const ofLlamaCpp = summary(times[i]!.map((time, round) => times[0]![round]! / time));
        const tokensPerSecond = (1000 * Number(tokens)) / milliseconds.median;
        console.log(
          `  ${name.padEnd(28)} ${tokensPerSecond.toFixed(1).padStart(7)} tokens/s  ${ofLlamaCpp.median.toFixed(2)} of llama.cpp (${ofLlamaCpp.low.toFixed(2)}–${ofLlamaCpp.high.toFixed(2)})`,
        );
        return { name, milliseconds, tokensPerSecond, ofLlamaCpp };
      }),
    };
  } finally {
    for (const peer of peers) peer.stop();
  }
}

try {
  const { lm, params, tokenizer } = await loadPretrained(file);
  const files: Record<string, string> = { 'as it came': file };
  for (const dtype of ['Q8_0', 'F16'] as const) {
    files[dtype] = join(place, `${dtype}.gguf`);
    await saveGguf(files[dtype], { lm, params, tokenizer, dtype });
  }
  for (const [name, path] of Object.entries(files)) {
    console.log(name);
    const result = await compare(path, name !== 'F16');
    writeResults('gguf-speed', {
      machine,
      threads: Number(threads),
      file: file.split('/').at(-1),
      results: { ...earlier('gguf-speed'), [name]: result },
    });
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
process.exit(0);
