import { suiteOn } from '../test-support/running/suite-on.ts';

await suiteOn('webgpu');
