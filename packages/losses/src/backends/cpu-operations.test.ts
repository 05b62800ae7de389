import { suiteOn } from '../test-support/suite-on.ts';

await suiteOn('cpu+operations');
