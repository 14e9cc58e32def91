/** Tests what an import says: counts, skips with their places, and never too many lines. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from '../../../src/client/answer.ts';
import { ImportReport } from '../../../src/commands/import/import-report.ts';
import type { Signal } from '../../../src/shared/signal.ts';
import { messagesOf } from '../../shared/messages.ts';

const facts = { fileCount: 2, outputDir: './output', retries: 3, seconds: 1.2346 };
const line = (number: number) => ({ offset: 10 * number, line: number });

function accepted(rejectedItems = 0, message = ''): Answer {
  return { verdict: 'accepted', rejectedItems, message };
}

function request(signal: Signal, itemCount: number) {
  return { signal, itemCount, body: new Uint8Array() };
}

describe('import-report', () => {
  it('what was taken, of each signal', () => {
    const report = new ImportReport();
    report.take('a', line(1), request('logs', 4), accepted());
    report.take('a', line(2), request('traces', 100), accepted());
    report.take('a', line(3), request('traces', 20), accepted());
    assert.deepEqual(report.text(facts).split('\n'), [
      'signal  requests  items',
      'traces         2  120 spans',
      'logs           1  4 log records',
      'imported 3 requests of 2 files into ./output in 1.2 s, skipped nothing',
    ]);
    assert.deepEqual(messagesOf(report.problems()), []);
  });

  it('nothing at all: one line', () => {
    const text = new ImportReport().text({ ...facts, fileCount: 1 });
    assert.equal(text, 'imported 0 requests of 1 file into ./output in 1.2 s, skipped nothing');
  });

  it('what was not taken, with file, place and reason', () => {
    const report = new ImportReport();
    const refused = { verdict: 'refused', message: 'HTTP 400 no', isMisdirected: false } as const;
    const silent = { verdict: 'unavailable', message: 'timed out', retryAfterMs: 0 } as const;
    report.skip({ file: 'a.jsonl', ...line(7), reason: 'torn' });
    report.skip({ file: 'b.binpb', offset: 40, line: undefined, reason: 'torn' });
    report.take('a.jsonl', line(10), request('traces', 5), accepted(2, 'too old'));
    report.take('a.jsonl', line(8), request('traces', 5), refused);
    report.take('a.jsonl', line(9), request('traces', 5), silent);
    assert.deepEqual(messagesOf(report.problems()), [
      'a.jsonl:7: torn',
      'a.jsonl:8: HTTP 400 no',
      'a.jsonl:9: it was not taken: timed out',
      'a.jsonl:10: 2 of its spans were rejected: too old',
      'b.binpb: at byte 40: torn',
    ]);
    const json = JSON.parse(report.json(facts));
    assert.equal(json.skipped_count, 5);
    assert.deepEqual(json.skipped[4], { file: 'b.binpb', offset: 40, line: null, reason: 'torn' });
    assert.deepEqual(json.traces, { requests: 1, items: 3 });
    assert.deepEqual(json.metrics, { requests: 0, items: 0 });
    assert.deepEqual([json.files, json.requests, json.retries, json.seconds], [2, 1, 3, 1.235]);
  });

  it('a file that is wrong throughout: the first hundred, and how many more', () => {
    const report = new ImportReport();
    for (let number = 1; number <= 1_000; number++) {
      report.skip({ file: 'a', ...line(number), reason: 'no JSON' });
    }
    const lines = messagesOf(report.problems());
    assert.equal(lines.length, 101);
    assert.match(lines.at(-1) ?? '', /^900 more faults were found\. /);
    assert.equal(report.skipCount, 1_000);
    assert.equal(JSON.parse(report.json(facts)).skipped.length, 100);
  });
});
