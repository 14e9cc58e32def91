/** Refused requests in the journal: one line for each reason and minute. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { lineMsMin, RefusalLog, type RefusedRequest } from '../../src/accept/refusal-log.ts';
import type { Journal } from '../../src/shared/journal.ts';

const notFound: RefusedRequest = {
  status: 'OTLP/HTTP 404',
  reason: 'path',
  message: 'There is no /v2. Send to /v1/traces.',
  sender: '10.0.0.1',
};

describe('refusal-log', () => {
  let lines: string[];
  let log: RefusalLog;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    lines = [];
    const journal: Journal = {
      write: (level, message, fields) => {
        lines.push(`${level} ${message} ${fields?.requests} ${fields?.sender}`);
      },
    };
    log = new RefusalLog(journal);
  });
  afterEach(() => mock.timers.reset());

  function add(count: number, changed: Partial<RefusedRequest> = {}): void {
    for (let index = 0; index < count; index++) log.add({ ...notFound, ...changed });
  }

  it('add: writes the first request at once, with sender and remedy', () => {
    add(1);
    const line = 'OTLP/HTTP 404: a request was refused: There is no /v2. Send to /v1/traces.';
    assert.deepEqual(lines, [`warn ${line} 1 10.0.0.1`]);
  });

  it('add: counts further requests of a minute into one line, with the last sender', () => {
    add(1);
    add(4);
    add(1, { sender: '10.0.0.2' });
    assert.equal(lines.length, 1);
    mock.timers.tick(lineMsMin);
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', /404: 5 requests were refused: .* 5 10\.0\.0\.2$/);
  });

  it('add: never writes two lines of a reason within a minute, however long it goes on', () => {
    for (let second = 0; second < 300; second++) {
      add(10);
      mock.timers.tick(1_000);
    }
    assert.equal(lines.length, 1 + 5);
  });

  it('add: writes at once again after a minute without refusals', () => {
    add(1);
    mock.timers.tick(lineMsMin);
    assert.equal(lines.length, 1);
    add(1);
    assert.equal(lines.length, 2);
  });

  it('add: another status or reason has its own line', () => {
    add(1);
    add(1, { reason: 'other' });
    add(1, { status: 'OTLP/gRPC 12' });
    assert.equal(lines.length, 3);
  });

  it('add: makes one line of a message with line breaks, and cuts a long one', () => {
    add(1, { message: 'no\n\u001b[31mspan' });
    assert.match(lines[0] ?? '', /: no \[31mspan 1/);
    add(1, { reason: 'other', message: 'x'.repeat(9_000) });
    assert.ok((lines[1] ?? '').length < 600);
  });

  it('close: writes what was counted, and nothing later', () => {
    add(3);
    log.close();
    assert.match(lines[1] ?? '', /2 requests/);
    mock.timers.tick(10 * lineMsMin);
    assert.equal(lines.length, 2);
  });
});
