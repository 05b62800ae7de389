import { parentPort } from 'node:worker_threads';
import { platformReport } from './platform.fixtures.ts';

parentPort?.postMessage(platformReport());
