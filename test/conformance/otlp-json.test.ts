/** OTLP/JSON that Python's protobuf writes is read as the same request, for every signal. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { otlpFromJson } from '../../src/accept/json/otlp-json.ts';
import { requestType } from '../../src/shared/otlp-messages.ts';
import { signals } from '../../src/shared/signal.ts';
import { decodeRequest } from '../accept/fake-ring.ts';
import { JsonGenerator } from '../accept/json-generator.ts';
import { chooseSeed } from '../random.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';
import { runPython } from './python.ts';

const requestCount = 200;

after(cleanUp);

interface Converted {
  readonly json: string;
  /** In base64. */
  readonly request: string;
}

describe('OTLP/JSON', () => {
  for (const signal of signals) {
    it(`${signal}: what Python's protobuf writes is the request that it was`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const generator = new JsonGenerator(seed);
      const type = requestType(signal);
      const requests = Array.from({ length: requestCount }, () => {
        const { object } = generator.message(type);
        const bytes = type.encode(type.fromObject(object)).finish();
        return { signal, request: Buffer.from(bytes).toString('base64') };
      });
      const path = join(makeFolder(), 'requests.json');
      writeFileSync(path, JSON.stringify(requests));
      const converted: Converted[] = JSON.parse(await runPython('canonical_json.py', path));
      let bytesCompared = 0;
      for (const [index, { json, request }] of converted.entries()) {
        const result = otlpFromJson(signal, Buffer.from(json));
        assert.ok(result.kind === 'message', `request ${index}: ${JSON.stringify(result)}`);
        const expected = Buffer.from(request, 'base64');
        const label = `SEED=${seed}, request ${index}`;
        assert.deepEqual(
          decodeRequest(signal, result.bytes),
          decodeRequest(signal, expected),
          label,
        );
        bytesCompared += expected.length;
      }
      assert.equal(converted.length, requestCount);
      assert.ok(bytesCompared > 20_000, `${bytesCompared} bytes compared`);
    });
  }
});
