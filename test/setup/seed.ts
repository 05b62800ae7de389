/** Before each test file: fast-check draws the same cases on every run. `pnpm fuzz` draws others, and prints which. */
import fc from 'fast-check';

/** What every run of CI draws. */
const fixed = 20_261_130;

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.SVO_SEED ?? fixed) });
