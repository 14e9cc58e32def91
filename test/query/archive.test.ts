/** The library reads rows as objects, finds traces, and rebuilds requests. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import type { ArrowField } from '../../src/disk/ipc/arrow-schema.ts';
import * as library from '../../src/index.ts';
import { openArchive } from '../../src/query/archive.ts';
import type { ArchiveFault } from '../../src/query/archive-reader.ts';
import { archivedSchema } from '../../src/query/archived-schema.ts';
import { parseJsonColumn } from '../../src/query/json-value.ts';
import { sampledSignals } from '../columns/sampled-signals.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';
import { ArchiveBuilder, gather, noon } from './archive-builder.ts';
import { damageFirstBody } from './damage.ts';
import { logsOf, pointsOf, spansOf } from './small-requests.ts';

after(cleanUp);

/**
 * Converts a row of the decoder's tests, with JSON as text and bytes as hex, to the library's form.
 */
function asObjects(fields: readonly ArrowField[], row: Record<string, unknown>): unknown {
  return Object.fromEntries(fields.map((field) => [field.name, asValue(field, row[field.name])]));
}

function asValue(field: ArrowField, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  const { name, shape, children } = field;
  if (/^(attributes|scope_attributes|resource_attributes|metadata)$/.test(name)) {
    return parseJsonColumn(String(value));
  }
  if (shape === 'bytes') return new Uint8Array(Buffer.from(String(value), 'hex'));
  if (shape === 'struct') return asObjects(children, value as Record<string, unknown>);
  if (shape === 'list') return (value as unknown[]).map((item) => asValue(children[0]!, item));
  return value;
}

describe('openArchive', () => {
  for (const { signal, Requests, rows } of sampledSignals) {
    it(`${signal}: rows have all columns, each value as it was sent`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const random = new Requests(new TestRandom(seed), { irregularity: 0.02 });
      const builder = new ArchiveBuilder();
      const requests = Array.from({ length: 60 }, () => random.request());
      const { requests: sent } = builder.segment([requests.slice(30), requests.slice(0, 30)], {
        signal,
      });
      const archive = openArchive(builder.outputDir);
      const read = {
        traces: () => gather<object>(archive.spans()),
        metrics: () => gather<object>(archive.metrics()),
        logs: () => gather<object>(archive.logs()),
      };
      const found = await read[signal]();
      const { fields } = archivedSchema(signal);
      const expected = sent.flatMap(({ bytes, position }) => {
        const receivedTime = noon + position;
        return rows(bytes, position).map((row) =>
          asObjects(fields, { ...row, received_time: receivedTime }),
        );
      });
      assert.deepEqual(found, expected);
      assert.ok(found.length > 50);
    });
  }

  it('time, service and name choose rows; each bound in every form', async () => {
    const builder = new ArchiveBuilder();
    const at = (ms: number) => BigInt(ms) * 1_000_000n;
    const items = [1000, 2000, 3000].map((ms) => ({ name: `at ${ms}`, time: at(ms) }));
    builder.segment([[spansOf('shop', ...items), spansOf('mail', ...items)]]);
    const archive = openArchive(builder.outputDir);
    const names = async (query: Parameters<typeof archive.spans>[0]) => {
      const spans = await gather(archive.spans({ ...query, columns: ['name', 'service_name'] }));
      return spans.map(({ name, service_name }) => `${service_name} ${name}`);
    };
    assert.deepEqual(await names({ service: 'mail', from: at(2000) }), [
      'mail at 2000',
      'mail at 3000',
    ]);
    assert.deepEqual(await names({ service: ['mail', 'shop'], to: new Date(2000) }), [
      'shop at 1000',
      'mail at 1000',
    ]);
    const from = '1970-01-01T00:00:02.5Z';
    assert.deepEqual(await names({ from, name: ['at 3000', 'at 1000'] }), [
      'shop at 3000',
      'mail at 3000',
    ]);
    assert.deepEqual(await names({ from: '-1h' }), []);
    assert.deepEqual(await names({ service: 'nobody' }), []);
    await assert.rejects(names({ from: 'yesterday' }), {
      code: 'ERR_ARCHER_TIME_INVALID',
      message: /^from: yesterday is not a time/,
    });
  });

  it('columns: only those, and none that there is not', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([[pointsOf('shop', { name: 'cpu' })]], { signal: 'metrics' });
    const archive = openArchive(builder.outputDir);
    const chosen = await gather(archive.metrics({ columns: ['value_int', 'name'], name: 'cpu' }));
    assert.deepEqual(chosen, [{ name: 'cpu', value_int: 1n }]);
    const wrong = archive.metrics({ columns: ['nope' as 'name'] });
    await assert.rejects(gather(wrong), /columns: metrics have no column nope/);
  });

  it('trace: all its spans by their start, and no body without them is read', async () => {
    const builder = new ArchiveBuilder();
    const wanted = 'c0d468868bb730aef363ed8c671f491d';
    const others = Array.from({ length: 40 }, (_, index) => {
      return spansOf('shop', { traceId: index.toString(16).padStart(32, '7') });
    });
    const damaged = builder.segment([others]);
    const late = spansOf('mail', { name: 'late', time: 20n, traceId: wanted });
    const early = spansOf('shop', { name: 'early', time: 10n, traceId: wanted });
    builder.segment([[late], others, [early, spansOf('shop', {})]]);
    damageFirstBody(builder.fullPath(damaged));
    const archive = openArchive(builder.outputDir, { onFault: ({ what }) => assert.fail(what) });
    const spans = await archive.trace(wanted.toUpperCase());
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['early', 'late'],
    );
    assert.deepEqual(await archive.trace('00'), []);
    assert.deepEqual(await archive.trace('no hex'), []);
  });

  it('logs: a record without a time counts as of when it was observed', async () => {
    const builder = new ArchiveBuilder();
    const records = [
      { name: 'timed', time: 100n, observedTime: 900n },
      { name: 'observed', observedTime: 150n },
      { name: 'late', observedTime: 900n },
      { name: 'timeless' },
    ];
    builder.segment([[logsOf('shop', ...records)]], { signal: 'logs' });
    builder.segment([[logsOf('shop', { name: 'other', time: 50n, traceId: 'ab'.repeat(16) })]], {
      signal: 'logs',
    });
    const archive = openArchive(builder.outputDir);
    const names = async (query: Parameters<typeof archive.logs>[0]) => {
      return (await gather(archive.logs(query))).map(({ event_name }) => event_name);
    };
    assert.deepEqual(await names({ from: 100n, to: 200n }), ['timed', 'observed']);
    assert.deepEqual(await names({ traceId: 'ab'.repeat(16) }), ['other']);
    assert.deepEqual(await names({ eventName: 'late' }), ['late']);
    assert.equal((await names({})).length, 5);
  });

  it('requests: of one signal, or of all', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([[logsOf('shop', {})]], { signal: 'logs' });
    builder.segment([[spansOf('shop', {}), spansOf('mail', {})]]);
    const archive = openArchive(builder.outputDir);
    const all = await gather(archive.requests());
    assert.deepEqual(
      all.map(({ signal, position }) => [signal, position]),
      [
        ['traces', 2],
        ['traces', 3],
        ['logs', 1],
      ],
    );
    const [mail, ...more] = await gather(archive.requests({ signal: 'traces', service: 'mail' }));
    assert.deepEqual(Buffer.from(mail!.bytes), Buffer.from(spansOf('mail', {})));
    assert.equal(more.length, 0);
  });

  it('damage: told to who asked for it, otherwise a warning of the process', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([[spansOf('shop', {})], [spansOf('mail', {})]]);
    damageFirstBody(builder.fullPath(segment));
    const faults: ArchiveFault[] = [];
    const archive = openArchive(builder.outputDir, { onFault: (fault) => faults.push(fault) });
    assert.equal((await gather(archive.spans())).length, 1);
    assert.equal((await gather(archive.requests())).length, 1);
    assert.deepEqual(
      faults.map(({ path }) => path),
      [segment.path, segment.path],
    );
    const warned = once(process, 'warning');
    assert.equal((await gather(openArchive(builder.outputDir).spans())).length, 1);
    const [warning] = await warned;
    assert.match(`${warning}`, /^ArchiveFault: traces\/date=.*: at byte \d+: the body does not/);
  });

  it('no folder: says so; an empty one: nothing', async () => {
    const folder = makeFolder();
    assert.throws(() => openArchive(`${folder}/missing`), {
      code: 'ERR_ARCHER_DIRECTORY_MISSING',
    });
    assert.deepEqual(await gather(openArchive(folder).spans()), []);
    assert.equal(library.openArchive, openArchive);
  });
});
