import { suiteOn } from '../testing/suite-on.ts';

await suiteOn('wasm+kernels');
