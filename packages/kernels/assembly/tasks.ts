/** The kinds of job, by number; the host's `jobs.ts` holds the same list. */
import { Adamw, adamwTask } from './adamw';
import { Attention, attentionGradientTask, attentionTask } from './attention';
import { Decode, decodeTask } from './decode';
import { addTask, Elements, multiplyTask, swigluGradientTask, swigluTask } from './elements';
import { Rows, rowsTask } from './few-rows';
import { foreign } from './foreign';
import { Batch, batchTask, Product, productTask } from './gemm';
import { Interleave, interleaveTask } from './interleave';
import { Interleaved, interleavedTask } from './interleaved';
import { Logps, logpsGradientTask, logpsTask } from './logps';
import { Norm, normGradientTask, normTask } from './norm';
import { Peak, peakTask } from './peak';
import { Quantize, Quantized, quantizedTask, quantizeTask } from './quantized';
import { gatherTask, scatterTask, Table } from './table';
import { Unpack, unpackTask } from './unpack';

export function runTask(kind: i32, task: i32, p: usize, scratch: usize, control: usize): void {
  switch (kind) {
    case 0: return productTask(task, changetype<Product>(p), scratch, control);
    case 1: return batchTask(task, changetype<Batch>(p), scratch);
    case 2: return rowsTask(task, changetype<Rows>(p), scratch, control);
    case 3: return normTask(task, changetype<Norm>(p), scratch);
    case 4: return normGradientTask(task, changetype<Norm>(p), scratch, control);
    case 5: return swigluTask(task, changetype<Elements>(p));
    case 6: return swigluGradientTask(task, changetype<Elements>(p));
    case 7: return addTask(task, changetype<Elements>(p));
    case 8: return multiplyTask(task, changetype<Elements>(p));
    case 9: return logpsTask(task, changetype<Logps>(p), scratch);
    case 10: return logpsGradientTask(task, changetype<Logps>(p));
    case 11: return gatherTask(task, changetype<Table>(p));
    case 12: return scatterTask(task, changetype<Table>(p));
    case 13: return adamwTask(task, changetype<Adamw>(p));
    case 14: return attentionTask(task, changetype<Attention>(p), scratch);
    case 15: return attentionGradientTask(task, changetype<Attention>(p), scratch);
    case 16: return decodeTask(task, changetype<Decode>(p), scratch);
    case 17: return peakTask(changetype<Peak>(p), scratch);
    case 18: return foreign(task, p);
    case 19: return unpackTask(task, changetype<Unpack>(p), scratch);
    case 20: return interleaveTask(task, changetype<Interleave>(p));
    case 21: return interleavedTask(task, changetype<Interleaved>(p), scratch);
    case 22: return quantizeTask(task, changetype<Quantize>(p));
    case 23: return quantizedTask(task, changetype<Quantized>(p), scratch);
    default: unreachable();
  }
}
