import { parentPort } from 'node:worker_threads';
import { platformReport } from './platform-report.ts';

parentPort?.postMessage(platformReport());
