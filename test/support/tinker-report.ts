/** What a client on a server comes to, in a page or in Node. */
import { dvoLoss } from '@svo/losses';
import { stepLogps, tf, useBackend } from '@svo/tensor';
import { tinkerService } from '@svo/tinker';

export interface TinkerReport {
  readonly losses: readonly number[];
  readonly protobuf: boolean;
  readonly reduction: string;
  readonly drawn: readonly number[];
}

/** The probe, two DVO updates, a checkpoint and a draw. */
export async function tinkerReport(baseUrl: string): Promise<TinkerReport> {
  await useBackend('cpu');
  const service = await tinkerService({ baseUrl, apiKey: 'tml-in-a-page' });
  const model = await service.createModel({ baseModel: 'local/small', rank: 4, seed: 1 });
  const data = [
    [1, 5, 9, 3, 7],
    [1, 5, 9, 4],
  ];
  const marks = [
    [-1, -1, 0, 0, 1],
    [-1, -1, 0, 1, -1],
  ];
  const ids = tf.tensor2d(marks, [2, 5], 'int32');
  const before = (await model.logps(data)).map((row) => [...row, 0].slice(0, 5));
  const credits = [
    [0.5, 0.5],
    [-0.5, 0.2],
  ];
  const steps = {
    credits: tf.tensor2d(credits),
    mask: tf.ones([2, 2]),
    referenceLogps: stepLogps(tf.tensor2d(before), ids, 2),
  };
  const loss = (tokenLogps: tf.Tensor) =>
    dvoLoss({ ...steps, policyLogps: stepLogps(tokenLogps, ids, 2) }, { beta: 0.1 });
  const losses: number[] = [];
  for (let update = 0; update < 2; update++)
    losses.push((await model.lossStep(data, loss, { learningRate: 1e-2 })).loss);
  await model.save('here');
  const [drawn] = await (await model.sampler('now')).sample([1, 2], { maxTokens: 4, seed: 3 });
  const { protobuf, reduction } = model;
  await service.close();
  return { losses, protobuf, reduction, drawn: drawn!.ids };
}
