/** A hundred thousand generated spans: what was acknowledged is what pandas and DuckDB count. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { cleanUp, runArcher, startRecorder } from '../recorder-process.ts';
import { runPython } from './python.ts';
import { segmentsIn } from './segments.ts';

const spanCount = 100_000;

after(cleanUp);

describe('generate', () => {
  for (const protocol of ['http/protobuf', 'grpc', 'http/json'] as const) {
    it(`${protocol}: ${spanCount} spans are acknowledged, archived and counted`, async (test) => {
      const recorder = await startRecorder(['--rotation-max-bytes', '2MiB']);
      const port = recorder.ports[protocol === 'grpc' ? 'grpc' : 'http'];
      const endpoint = ['--endpoint', `http://127.0.0.1:${port}`, '--protocol', protocol];
      const amount = ['--rate', String(spanCount / 4), '--duration', '4s', '--json'];
      const { code, stdout, stderr } = await runArcher(['generate', ...endpoint, ...amount]);
      assert.equal(code, 0, stderr);
      assert.equal(JSON.parse(stdout).acknowledged, spanCount);
      await recorder.stop();
      const segments = segmentsIn(recorder.outputDir);
      assert.ok(segments.length > 1, 'nothing was rotated');
      const found = JSON.parse(await runPython('count_spans.py', ...segments));
      test.diagnostic(JSON.stringify(found));
      assert.equal(found.spans, spanCount);
      assert.equal(found.distinct, spanCount);
    });
  }
});
