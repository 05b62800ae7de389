/** A server of another process that answers every request at once with numbers of the right shape: it costs the client nothing but the transfer. */
import { createServer } from 'node:http';

const protobufType = 'application/x-protobuf';

const [rows, targets] = process.argv.slice(2, 4).map(Number) as [number, number];
const logps = Float32Array.from({ length: rows * targets }, (_, i) => -1 - Math.abs(Math.sin(i)) * 5);

const tensor = (data: Float32Array): object => ({ data: Array.from(data), dtype: 'float32', shape: [data.length] });
const json = Buffer.from(
  JSON.stringify({
    loss_fn_output_type: 'scalar',
    loss_fn_outputs: Array.from({ length: rows }, (_, row) => {
      const own = logps.subarray(row * targets, (row + 1) * targets);
      return { logprobs: tensor(own), elementwise_loss: tensor(own.map((x) => -x)) };
    }),
    metrics: {},
  }),
);
/** The same as `tinker_public.ForwardBackwardOutput`: fields 2 (records) of 2 (arrays by name) and 3 (rows). */
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
const part = (field: number, ...bytes: Uint8Array[]): Buffer => {
  const inner = Buffer.concat(bytes);
  return Buffer.concat([Buffer.from([field * 8 + 2, ...varint(inner.length)]), inner]);
};
const batched = (name: string, data: Float32Array): Buffer => {
  const offsets = BigInt64Array.from({ length: rows + 1 }, (_, row) => BigInt(row * targets * 4));
  const tensors = [part(1, new Uint8Array(data.buffer)), part(2, new Uint8Array(offsets.buffer)), Buffer.from([24, 1])];
  return part(2, part(1, Buffer.from(name)), part(2, ...tensors));
};
const both = [
  batched('logprobs', logps),
  batched(
    'elementwise_loss',
    logps.map((x) => -x),
  ),
];
const protobuf = part(2, ...both, Buffer.from([24, ...varint(rows)]));

const small = Buffer.from('{"metrics":{}}');

const createdServer = createServer((request, response) => {
  const path = request.url!.split('/').at(-1)!;
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const answer = (body: Buffer, type = 'application/json'): void => {
      response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body);
    };
    const say = (value: object): void => answer(Buffer.from(JSON.stringify(value)));
    if (path === 'retrieve_future') {
      const { request_id: id } = JSON.parse(Buffer.concat(chunks).toString()) as { request_id: string };
      if (id === 'model') return say({ model_id: 'm' });
      if (id !== 'pass') return answer(small);
      return request.headers.accept === protobufType ? answer(protobuf, protobufType) : answer(json);
    }
    if (path === 'create_session') return say({ session_id: 's' });
    if (path === 'create_model') return say({ request_id: 'model' });
    say({ request_id: path.startsWith('forward') ? 'pass' : 'other' });
  });
});
createdServer.listen(0, '127.0.0.1', () => console.log((createdServer.address() as { port: number }).port));
