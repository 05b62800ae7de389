/** A process that downloads `org/name`, to be killed. */
import { downloadModel } from '../hub/download-model.ts';

await downloadModel('org/name');
