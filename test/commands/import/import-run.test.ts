/** Tests that an import goes through all files, and says of each part what became of it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Answer } from '../../../src/client/answer.ts';
import { ImportReport } from '../../../src/commands/import/import-report.ts';
import { isNameless, runImport } from '../../../src/commands/import/import-run.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import type { Signal } from '../../../src/shared/signal.ts';
import { cleanUp, makeFolder } from '../../recorder/recorder-process.ts';
import { messagesOf } from '../../shared/messages.ts';
import { behindLengths } from './byte-stream.ts';

const accepted: Answer = { verdict: 'accepted', rejectedItems: 0, message: '' };
const refused: Answer = { verdict: 'refused', message: 'HTTP 400 no', isMisdirected: false };
const unauthorised: Answer = { verdict: 'refused', message: 'HTTP 401', isMisdirected: true };

describe('import-run', () => {
  after(cleanUp);

  const folder = makeFolder();
  function write(name: string, content: string | Uint8Array): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  async function run(
    files: readonly string[],
    answer: (sentCount: number) => Answer = () => accepted,
    signal?: Signal,
    stop: AbortController = new AbortController(),
  ) {
    const sent: Signal[] = [];
    const report = new ImportReport();
    let told = 0;
    const options = {
      ...{ storage: nodeStorage, clock: systemClock, files, signal, format: undefined, report },
      concurrency: 2,
      send: async (each: Signal) => {
        sent.push(each);
        return answer(sent.length);
      },
      onBytes: (byteCount: number) => {
        told += byteCount;
      },
      onFirstRetry: () => {},
    };
    const result = await runImport(options, stop.signal);
    const lines = messagesOf(report.problems()).map((line) => line.replaceAll(`${folder}/`, ''));
    const endedAt = result.endedAt?.replace(`${folder}/`, '');
    return { ...result, endedAt, sent, lines, told };
  }

  it('all requests of all files, in their order', async () => {
    const lines = write('a.jsonl', '{"resourceLogs":[]}\n{}\n{"resourceSpans":[]}\n');
    const counted = write('metrics.binpb', behindLengths(Buffer.alloc(0), Buffer.alloc(0)));
    const { sent, lines: skips, endedAt, told } = await run([lines, counted]);
    assert.deepEqual(sent, ['logs', 'traces', 'metrics', 'metrics']);
    assert.deepEqual(skips, []);
    assert.equal(endedAt, undefined);
    assert.equal(told, 44 + 8);
  });

  it('what is skipped has its file, place and reason, and the rest goes on', async () => {
    const lines = write('a.jsonl', '{"resourceLogs":[]}\nno\n{"resourceSpans":[]}\n{"resourceSp');
    const counted = write('data.bin', behindLengths(Buffer.alloc(3)).subarray(0, 6));
    const { sent, lines: skips } = await run([lines, counted], undefined, undefined);
    assert.deepEqual(sent, ['logs', 'traces']);
    assert.match(skips[0]!, /^a\.jsonl:2: its text is not JSON/);
    assert.match(skips[1]!, /^a\.jsonl:4: the last line is torn: its text is not JSON/);
    assert.equal(skips[2], 'data.bin: at byte 0: the last message is torn: 2 of 3 bytes are there');
  });

  it('a request that is refused is skipped with what the recorder says', async () => {
    const file = write('traces.bin', behindLengths(Buffer.alloc(1), Buffer.alloc(1)));
    const { lines, tally } = await run([file], (count) => (count === 1 ? refused : accepted));
    assert.deepEqual(lines, ['traces.bin: at byte 0: HTTP 400 no']);
    assert.equal(tally.gaveUp, false);
  });

  it('wrong credentials: ends after as many requests as may be under way', async () => {
    const file = write('a.jsonl', '{"resourceLogs":[]}\n'.repeat(100));
    const { sent, endedAt, tally } = await run([file], () => unauthorised);
    assert.ok(sent.length <= 4, `${sent.length} sent`);
    assert.equal(tally.gaveUp, true);
    assert.match(endedAt ?? '', /^a\.jsonl:[3-5]$/);
  });

  it('stopped: says where, and opens no other file', async () => {
    const file = write('a.jsonl', '{"resourceLogs":[]}\n'.repeat(100));
    const stop = new AbortController();
    const answer = (count: number) => {
      if (count === 10) stop.abort();
      return accepted;
    };
    const { sent, endedAt } = await run([file, join(folder, 'none')], answer, undefined, stop);
    assert.ok(sent.length < 15, `${sent.length} sent`);
    assert.match(endedAt ?? '', /^a\.jsonl:1[0-4]$/);
  });

  it('a file that is gone meanwhile is told, and the others are read', async () => {
    const file = write('a.jsonl', '{"resourceLogs":[]}\n');
    const { sent, lines } = await run([join(folder, 'none'), file]);
    assert.deepEqual(sent, ['logs']);
    assert.match(lines[0]!, /^none: at byte 0: it cannot be read: ENOENT/);
  });

  it('isNameless: protobuf in a file of which nothing tells the signal', async () => {
    const protobuf = behindLengths(Buffer.from([0x0a, 0x00]));
    const json = behindLengths(Buffer.from('{"resourceLogs":[]}'));
    const found: Record<string, boolean> = {};
    for (const [name, content] of [
      ['data.bin', protobuf],
      ['logs.bin', protobuf],
      ['json.bin', json],
      ['json.jsonl', Buffer.from('{}\n')],
      ['empty', Buffer.alloc(0)],
      ['other', Buffer.from('hello world')],
    ] as const) {
      found[name] = await isNameless(nodeStorage, write(name, content), undefined);
    }
    const named = { 'logs.bin': false, 'json.bin': false, 'json.jsonl': false };
    assert.deepEqual(found, { 'data.bin': true, ...named, empty: false, other: false });
  });
});
