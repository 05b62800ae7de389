/** Processes that take the same training step in turns, checked against each other before they are timed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sizes, tokenIds } from './language-model.ts';
import { type Peer, summary } from './peer.ts';

export interface Outcome {
  readonly name: string;
  readonly milliseconds: ReturnType<typeof summary>;
  readonly tokensPerSecond: number;
  /** Tokens a second as a multiple of the first peer's: by rounds, each against its neighbour in time; and best to best. */
  readonly ofFirst: { readonly rounds: ReturnType<typeof summary>; readonly best: number };
  readonly report: { readonly peakBytes: number; readonly baseBytes: number };
  /** Kernels of one step: tfjs's, and torch's on a GPU; on the CPU, torch's operations. */
  readonly kernels: { readonly total: number; readonly calls: Readonly<Record<string, number>> };
}

/**
 * Loads the same weights into every peer, checks losses before training and over the first three steps to 1e-4, then times
 * `rounds` rounds of `count` steps each. The order rotates from round to round, so that no peer always follows the same one.
 * The second peer draws the weights.
 */
export async function compare(peers: readonly Peer[], sizes: Sizes, rounds: number, count: number): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'svo-train-step-'));
  try {
    const weights = join(folder, 'model.safetensors');
    await peers[1]!.ask({ do: 'init', ...sizes, weights });
    const load = { do: 'load', ...sizes, weights, ids: [...tokenIds(sizes)] };
    const firsts: number[] = [];
    for (const peer of peers) firsts.push((await peer.ask<{ loss: number }>(load)).loss);
    agree('losses before training', [firsts]);
    const courses: number[][] = [];
    for (const peer of peers) courses.push((await peer.ask<{ losses: number[] }>({ do: 'steps', count: 3 })).losses);
    // Later, rounding alone drives long runs apart, also those of one program on two machines.
    agree(
      'losses of the first three steps',
      courses[0]!.map((_, step) => courses.map((course) => course[step]!)),
    );
    return await outcomes(peers, sizes, await timeRounds(peers, rounds, count));
  } finally {
    for (const peer of peers) peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds by peer, round and step. */
async function timeRounds(peers: readonly Peer[], rounds: number, count: number): Promise<number[][][]> {
  const times = peers.map((): number[][] => []);
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < peers.length; turn++) {
      const i = (round + turn) % peers.length;
      times[i]!.push((await peers[i]!.ask<{ times: number[] }>({ do: 'steps', count })).times);
    }
  return times;
}

async function outcomes(
  peers: readonly Peer[],
  { batch, length }: Sizes,
  times: readonly number[][][],
): Promise<Outcome[]> {
  const first = times[0]!;
  const results: Outcome[] = [];
  for (const [i, peer] of peers.entries()) {
    const milliseconds = summary(times[i]!.flat());
    const ratios = times[i]!.map((round, r) => summary(first[r]!).median / summary(round).median);
    const report = await peer.ask<Outcome['report']>({ do: 'report' });
    const kernels = await peer.ask<Outcome['kernels']>({ do: 'kernels' });
    results.push({
      name: peer.name,
      milliseconds,
      tokensPerSecond: (batch * length * 1e3) / milliseconds.median,
      ofFirst: { rounds: summary(ratios), best: summary(first.flat()).min / milliseconds.min },
      report,
      kernels,
    });
  }
  return results;
}

function agree(what: string, series: readonly (readonly number[])[]): void {
  const gap = Math.max(...series.map((losses) => Math.max(...losses) - Math.min(...losses)));
  if (!(gap <= 1e-4)) throw new Error(`${what} must agree to 1e-4 before timing, got ${JSON.stringify(series)}`);
}
