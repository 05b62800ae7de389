import { suiteOn } from '../testing/suite-on.ts';

await suiteOn('webgpu');
