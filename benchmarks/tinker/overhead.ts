/** What a step costs the client: processor time of `lossStep` with a server that costs nothing, beside the same bytes by bare `fetch`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installKernels } from '@svo/kernels';
import { dvoLoss } from '@svo/losses';
import { stepLogps, tf, useBackend, valueAndGrads } from '@svo/tensor';
import { tinkerService } from '@svo/tinker';

const [rows, length, repeats] = [64, 512, 200];
const server = spawn(
  process.execPath,
  ['--conditions=@svo/source', new URL('canned-server.ts', import.meta.url).pathname, `${rows}`, `${length - 1}`],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const [port] = (await once(server.stdout!, 'data')) as [Buffer];
const baseUrl = `http://127.0.0.1:${String(port).trim()}`;
await useBackend('wasm');
await installKernels();

/**
 * Milliseconds of this thread's processor time a call, the least and the median of single ones: between calls the thread waits for the
 * server, so that the clock is exact there. The least has no collection of garbage in it. Kernels' threads that spin are not the client's.
 */
async function cost(work: () => Promise<unknown>): Promise<{ readonly least: number; readonly median: number }> {
  for (let warm = 0; warm < 30; warm++) await work();
  const costs: number[] = [];
  for (let run = 0; run < repeats; run++) {
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    costs.push((user + system) / 1000);
  }
  costs.sort((a, b) => a - b);
  return { least: costs[0]!, median: costs[repeats / 2]! };
}

const data = Array.from({ length: rows }, (_, row) =>
  Array.from({ length }, (_, t) => 1 + ((row * 7919 + t * 104_729) % 150_000)),
);
const steps = 8;
const stepIds = tf.tensor2d(
  data.map((row) => row.map((_, t) => (t < 64 ? -1 : Math.floor((t - 64) / 56)))),
  undefined,
  'int32',
);
const inputs = {
  credits: tf.randomUniform([rows, steps], -1, 1, 'float32', 1),
  mask: tf.ones([rows, steps]),
  referenceLogps: tf.fill([rows, steps], -150),
};
const loss = (tokenLogps: tf.Tensor) =>
  dvoLoss({ ...inputs, policyLogps: stepLogps(tokenLogps, stepIds, steps) }, { beta: 0.1 });

const shown = ({ least, median }: { readonly least: number; readonly median: number }): string =>
  `${least.toFixed(2)} (median ${median.toFixed(2)})`;

/** What nobody can save: the loss itself, by the wall, since it never waits. */
const logps = tf.fill([rows, length], -3);
const walls: number[] = [];
for (let run = 0; run < repeats; run++) {
  const before = performance.now();
  const { value, gradients } = valueAndGrads(({ tokenLogps }) => loss(tokenLogps!), { tokenLogps: logps });
  await Promise.all([value.data(), gradients.tokenLogps!.data()]);
  tf.dispose([value, ...Object.values(gradients)]);
  walls.push(performance.now() - before);
}
console.log(`the loss and its gradient by log-probs: ${Math.min(...walls).toFixed(2)} ms at the least`);

for (const protobuf of [true, false])
  for (const reduction of ['sum', 'mean'] as const) {
    const sent: { url: string; body: string | Uint8Array; headers: Record<string, string> }[] = [];
    const service = await tinkerService({
      baseUrl,
      dialect: { reduction, repeats: true, protobuf },
      fetch: (url, init) => {
        if (sent.length < 6)
          sent.push({ url: String(url), body: init!.body as string, headers: init!.headers as Record<string, string> });
        return fetch(url as URL, init);
      },
    });
    const model = await service.createModel({ baseModel: 'any', rank: 8 });
    sent.length = 0;
    const step = () => model.lossStep(data, loss, { learningRate: 1e-4 });
    await step();
    const exchanged = sent.slice();
    const bare = async () => {
      for (const { url, body, headers } of exchanged)
        await (await fetch(url, { method: 'POST', body, headers })).bytes();
    };
    const [whole, transfer] = [await cost(step), await cost(bare)];
    const bytes = exchanged.reduce((sum, { body }) => sum + body.length, 0);
    const own = { least: whole.least - transfer.least, median: whole.median - transfer.median };
    console.log(
      `${protobuf ? 'protobuf' : 'JSON'}, ${reduction}: ${shown(whole)} ms a step, ${shown(transfer)} of it transfer (${(bytes / 1e6).toFixed(2)} MB sent), ${shown(own)} of its own`,
    );
    await service.close();
  }
server.kill();
