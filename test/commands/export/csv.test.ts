/** CSV has a line of names and one for each row, and nothing of them is lost. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { csv } from '../../../src/commands/export/csv.ts';
import { signals } from '../../../src/shared/signal.ts';
import { ArchiveBuilder } from '../../query/archive-builder.ts';
import { readSignal } from '../../query/recorded-rows.ts';
import { spansOf } from '../../query/small-requests.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { cleanUp } from '../../recorder/recorder-process.ts';
import { encodedBy, openSource, randomArchive } from './exported.ts';

after(cleanUp);

/** By RFC 4180; an empty field is null, a quoted one its text. */
function parseCsv(text: string): (string | null)[][] {
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  const lines: (string | null)[][] = [[]];
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    assert.ok(match, 'a field, and what ends it');
    const [, quoted, plain, end] = match;
    lines.at(-1)!.push(quoted?.replaceAll('""', '"') ?? (plain === '' ? null : plain!));
    if (end === '\r\n') lines.push([]);
  }
  return lines.slice(0, -1);
}

function textOf(value: unknown): string | null {
  if (value === null) return null;
  return Object.is(value, -0) ? '-0' : String(value);
}

describe('exported CSV', () => {
  for (const signal of signals) {
    it(`${signal}: the texts, numbers and ids of the archive`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const { builder } = randomArchive(new TestRandom(seed), signal);
      const text = (await encodedBy(csv, openSource(builder, signal).source)).toString();
      const [names, ...lines] = parseCsv(text);
      const rows = readSignal(builder.outputDir, signal);
      assert.equal(lines.length, rows.length);
      assert.deepEqual(names, Object.keys(rows[0]!));
      for (const [index, row] of rows.entries()) {
        for (const [column, [name, value]] of Object.entries(row).entries()) {
          const isTime = name === 'time' || name.endsWith('_time');
          if (isTime || name === 'otlp_extra' || Array.isArray(value)) continue;
          assert.equal(lines[index]![column], textOf(value), `row ${index} ${name}`);
        }
      }
    });
  }

  it('only wanted rows, in pieces', async () => {
    const builder = new ArchiveBuilder();
    const spans = Array.from({ length: 400 }, (_, index) => {
      return { name: 'n'.repeat(2000), time: BigInt(index + 1) };
    });
    builder.segment([[spansOf('shop', ...spans)]]);
    const pieces: number[] = [];
    for await (const piece of csv(openSource(builder, 'traces', { from: 11n }).source)) {
      pieces.push(piece.byteLength);
    }
    assert.ok(pieces.length > 3 && Math.max(...pieces) < 600_000, `${pieces}`);
    const { source } = openSource(builder, 'traces', { from: 11n });
    assert.equal(parseCsv((await encodedBy(csv, source)).toString()).length, 391);
  });
});
