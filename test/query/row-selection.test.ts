/**
 * Rows are selected by time, texts and positions, with the same result as a simple row-by-row
 * check.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { RowFilter, TextColumn } from '../../src/query/row-filter.ts';
import { selectRows } from '../../src/query/row-selection.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { ArchiveBuilder, ownId } from './archive-builder.ts';
import { logsOf } from './small-requests.ts';

after(cleanUp);

const services = ['shop', 'mail', 'sh', ''];
const traceIds = ['ab'.repeat(16), 'cd'.repeat(16), ''];

describe('row selection', () => {
  it('random rows and filters: the same as by plain comparison', async (test) => {
    const seed = chooseSeed();
    test.diagnostic(`SEED=${seed}`);
    const random = new TestRandom(seed);
    const items = Array.from({ length: 200 }, () => ({
      service: random.pick(services),
      name: random.pick(['a', 'aa', '']),
      time: BigInt(random.below(3) * 100),
      observedTime: BigInt(random.below(4) * 50),
      traceId: random.pick(traceIds),
    }));
    const builder = new ArchiveBuilder();
    const requests = items.map(({ service, ...item }) => logsOf(service, item));
    builder.segment([requests], { signal: 'logs' });
    const { reader } = builder;
    for await (const found of reader.batches(reader.plan('logs'))) {
      assert.ok(found.kind === 'batch');
      for (let round = 0; round < 100; round++) {
        const texts = new Map<TextColumn, Set<string>>();
        if (random.chance(0.5)) texts.set('service_name', new Set(['shop', 'sh']));
        if (random.chance(0.3)) texts.set('trace_id', new Set([random.pick(traceIds)]));
        if (random.chance(0.3)) texts.set('event_name', new Set([random.pick(['a', ''])]));
        const filter: RowFilter = {
          texts,
          ...(random.chance(0.5) && { from: BigInt(random.below(4) * 50) }),
          ...(random.chance(0.5) && { to: BigInt(random.below(5) * 50) }),
          ...(random.chance(0.3) && {
            positions: { recorder: ownId, lane: 0, from: BigInt(random.below(200)), through: 150n },
          }),
        };
        const expected = items.map((item, index) => Number(isWanted(item, index + 1, filter)));
        const { count, mask } = selectRows(found.batch, 'logs', filter);
        assert.deepEqual([...(mask ?? new Uint8Array(200).fill(1))], expected);
        assert.equal(
          count,
          expected.reduce((sum, wanted) => sum + wanted, 0),
        );
      }
    }
  });
});

interface Item {
  readonly service: string;
  readonly name: string;
  readonly time: bigint;
  readonly observedTime: bigint;
  readonly traceId: string;
}

function isWanted(item: Item, position: number, filter: RowFilter): boolean {
  const { from, to, texts, positions } = filter;
  const time = item.time || item.observedTime;
  if ((from !== undefined || to !== undefined) && time === 0n) return false;
  if (from !== undefined && time < from) return false;
  if (to !== undefined && time >= to) return false;
  if (positions && (position < positions.from || position > positions.through)) return false;
  const has = (column: TextColumn, text: string | null) => {
    return texts?.get(column)?.has(text ?? 'NULL') ?? true;
  };
  // An empty id is stored as NULL, which matches no text.
  const id = item.traceId === '' ? null : item.traceId;
  return has('service_name', item.service) && has('trace_id', id) && has('event_name', item.name);
}
