import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new empty folder. */
export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'svo-files-'));
