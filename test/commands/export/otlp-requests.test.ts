/** Requests come out in the Collector's forms, the same messages as went in. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { otlpFromJson } from '../../../src/accept/json/otlp-json.ts';
import { jsonLines, lengthPrefixed } from '../../../src/commands/export/otlp-requests.ts';
import { signals } from '../../../src/shared/signal.ts';
import { canonicalRequest } from '../../columns/canonical-request.ts';
import { RegularRequests } from '../../columns/regular-requests.ts';
import { ArchiveBuilder } from '../../query/archive-builder.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { cleanUp } from '../../recorder/recorder-process.ts';
import { encodedBy, openSource, randomArchive } from './exported.ts';

after(cleanUp);

function* split(bytes: Buffer): Generator<Buffer> {
  for (let offset = 0; offset < bytes.length; ) {
    const end = offset + 4 + bytes.readUInt32BE(offset);
    yield bytes.subarray(offset + 4, end);
    offset = end;
  }
}

describe('exported requests', () => {
  for (const signal of signals) {
    it(`${signal}: protobuf, each behind its length`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const { builder, sent } = randomArchive(new TestRandom(seed), signal);
      const { source, faults } = openSource(builder, signal);
      const found = [...split(await encodedBy(lengthPrefixed, source))];
      assert.equal(found.length, sent.length);
      for (const [index, { bytes }] of sent.entries()) {
        const expected = canonicalRequest(signal, bytes);
        assert.ok(expected.equals(canonicalRequest(signal, found[index]!)), `request ${index}`);
      }
      assert.deepEqual(faults, []);
      assert.equal(source.requests, sent.length);
    });

    it(`${signal}: OTLP/JSON, one in each line`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const random = new RegularRequests(new TestRandom(seed), signal);
      const builder = new ArchiveBuilder();
      const requests = Array.from({ length: 40 }, () => random.request());
      const { requests: sent } = builder.segment([requests], { signal });
      const { source } = openSource(builder, signal);
      const text = (await encodedBy(jsonLines, source)).toString();
      assert.ok(text.endsWith('\n'));
      const lines = text.split('\n').slice(0, -1);
      assert.equal(lines.length, sent.length);
      for (const [index, { bytes }] of sent.entries()) {
        const expected = canonicalRequest(signal, bytes);
        const found = otlpFromJson(signal, Buffer.from(lines[index]!));
        assert.ok(found.kind === 'message');
        assert.ok(expected.equals(canonicalRequest(signal, found.bytes)), `request ${index}`);
      }
    });
  }
});
