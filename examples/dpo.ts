/** DPO on a chat JSONL: `node --conditions=@svo/source examples/dpo.ts ./model chat.jsonl ./trained` */
import { readRows } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { savePretrained } from '@svo/models';
import { defaultSettings, dpoPlan, loadLearner, planOptimizer, rowMaterial, trainPlan } from '@svo/recipes';
import { useBackend } from '@svo/tensor';

const [model = './model', chats = 'chat.jsonl', out = './trained'] = process.argv.slice(2);
await useBackend('auto');
await installKernels();
const { learner, params } = await loadLearner(model);
const rows = await rowMaterial(readRows(chats), learner);
const settings = { ...defaultSettings.dpo, learningRate: 1e-4, batchSize: 8, updates: 40 };
const plan = await dpoPlan({ learner, ...rows, reference: params, settings, seed: 1 });

let trained = params;
for await (const { state, report } of trainPlan(plan, { params, optimizer: planOptimizer(settings) })) {
  trained = state.params;
  console.log(`update ${report.step}: loss ${report.loss.toFixed(4)}`);
}
await savePretrained(out, { ...learner, params: trained });
process.exit(0); // the backend's threads wait for more
