#!/usr/bin/env node
import { main } from './main.ts';
import { interruption } from './shell/interrupt.ts';

process.exitCode = await main(process.argv.slice(2), process, interruption);
// Worker threads of a backend would keep the process; what was written is flushed first.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
