import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { csvSink } from './csv-sink.ts';

const fresh = () => join(mkdtempSync(join(tmpdir(), 'svo-csv-')), 'log.csv');

describe('csvSink', () => {
  it('gives a metric that comes late its column, with empty cells above', () => {
    const path = fresh();
    const sink = csvSink(path);
    sink({ step: 1, loss: 0.5 });
    sink({ step: 2, loss: 0.25, eval_loss: 0.75 });
    sink({ step: 3, loss: 0.125 });
    expect(readFileSync(path, 'utf8')).toBe('global_step,loss,eval_loss\n1,0.5,\n2,0.25,0.75\n3,0.125,\n');
    expect(readdirSync(dirname(path))).toEqual(['log.csv']);
  });

  it('goes on in the file of an earlier run, odd names and all', () => {
    const path = fresh();
    csvSink(path)({ step: 1, loss: 1, 'a "b", c': 2 });
    const again = csvSink(path);
    again({ step: 2, loss: 3, 'a "b", c': 4, late: 5 });
    expect(readFileSync(path, 'utf8')).toBe('global_step,loss,"a ""b"", c",late\n1,1,2,\n2,3,4,5\n');
  });
});
