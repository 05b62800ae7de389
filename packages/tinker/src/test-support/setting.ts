/** What the suites share: a server, a session on it with short waits, rows, and a loss with gradients of both signs. */
import { installKernels } from '@svo/kernels';
import { dvoLoss } from '@svo/losses';
import { createRng, splitRng, uniforms } from '@svo/mdp';
import { stepLogps, type Tensor, tf, useBackend } from '@svo/tensor';
import type { LogpLoss } from '../model/loss-gradient.ts';
import { type ServiceOptions, type TinkerService, tinkerService } from '../service/service.ts';
import { type LocalTinker, type LocalTinkerOptions, localTinker } from '../testing/local-tinker.ts';

export async function useWasm(): Promise<void> {
  await useBackend('wasm');
  await installKernels();
}

/** Waits of milliseconds: faults come in dozens. */
export const quick: Partial<ServiceOptions> = { firstWaitMs: 1, timeoutMs: 20_000, retryMs: 20_000 };

/** What a server's dialect is, for suites that don't ask. */
const dialectOf = ({ reduction = 'sum', repeats = true }: LocalTinkerOptions): ServiceOptions['dialect'] => ({
  reduction,
  repeats,
});

/** Runs with a server and a session, and closes both. */
export async function withServer<T>(
  options: LocalTinkerOptions,
  work: (server: LocalTinker, service: TinkerService) => Promise<T>,
  own: Partial<ServiceOptions> = {},
): Promise<T> {
  const server = await localTinker(options);
  try {
    const service = await tinkerService({ baseUrl: server.url, ...quick, dialect: dialectOf(options)!, ...own });
    try {
      return await work(server, service);
    } finally {
      await service.close();
    }
  } finally {
    await server.close();
  }
}

/** Rows of random ids, of different lengths. */
export function randomRows(count: number, seed: number, vocabulary = 32): number[][] {
  return Array.from({ length: count }, (_, row) => {
    const draws = Array.from(uniforms(splitRng(createRng(seed), row), 9));
    const length = 3 + Math.floor(draws.pop()! * 6);
    return draws.slice(0, length).map((u) => 1 + Math.floor(u * (vocabulary - 1)));
  });
}

/** DVO over rows whose first token is the prompt and whose others are steps of two tokens. */
export function dvoOf(
  rows: readonly (readonly number[])[],
  reference: readonly ArrayLike<number>[],
  seed = 1,
): LogpLoss {
  const width = Math.max(...rows.map(({ length }) => length));
  const steps = Math.ceil(width / 2);
  const stepIds = rows.map((row) =>
    Array.from({ length: width }, (_, t) => (t === 0 || t >= row.length ? -1 : (t - 1) >> 1)),
  );
  const credits = rows.map((_, row) => Array.from(uniforms(splitRng(createRng(seed), row), steps), (u) => 2 * u - 1));
  const mask = stepIds.map((ids) => Array.from({ length: steps }, (_, s) => Number(ids.includes(s))));
  return (tokenLogps: Tensor) => {
    const ids = tf.tensor2d(stepIds, undefined, 'int32');
    const grid = reference.map((row) => Array.from({ length: width }, (_, t) => row[t] ?? 0));
    return dvoLoss(
      {
        policyLogps: stepLogps(tokenLogps, ids, steps),
        referenceLogps: stepLogps(tf.tensor2d(grid), ids, steps),
        credits: tf.tensor2d(credits),
        mask: tf.tensor2d(mask),
      },
      { beta: 0.1 },
    );
  };
}
