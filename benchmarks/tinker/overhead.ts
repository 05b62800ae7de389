/** What a step costs the client: processor time of `lossStep` with a server that costs nothing, beside the same bytes by bare `fetch`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installKernels } from '@svo/kernels';
import { dvoLoss } from '@svo/losses';
import { stepLogps, tf, useBackend } from '@svo/tensor';
import { tinkerService } from '@svo/tinker';

const [rows, length, repeats] = [64, 512, 60];
const server = spawn(
  process.execPath,
  ['--conditions=@svo/source', new URL('canned-server.ts', import.meta.url).pathname, `${rows}`, `${length - 1}`],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const [port] = (await once(server.stdout!, 'data')) as [Buffer];
const baseUrl = `http://127.0.0.1:${String(port).trim()}`;
await useBackend('wasm');
await installKernels();

/** Milliseconds of this thread's processor time a call, the median of five runs: kernels' threads that spin on a busy machine are not the client's. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  for (let warm = 0; warm < 20; warm++) await work();
  const costs: number[] = [];
  for (let run = 0; run < 5; run++) {
    const before = process.threadCpuUsage();
    for (let i = 0; i < repeats / 5; i++) await work();
    const { user, system } = process.threadCpuUsage(before);
    costs.push((user + system) / 1000 / (repeats / 5));
  }
  return costs.sort((a, b) => a - b)[2]!;
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

for (const protobuf of [false, true])
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
    console.log(
      `${protobuf ? 'protobuf' : 'JSON'}, ${reduction}: ${whole.toFixed(2)} ms a step, ${transfer.toFixed(2)} of it transfer (${(bytes / 1e6).toFixed(2)} MB sent): ${(whole - transfer).toFixed(2)} ms of its own`,
    );
    await service.close();
  }
server.kill();
