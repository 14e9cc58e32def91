/** A hundred thousand generated spans and what goes with them: acknowledged, archived, counted. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { signals } from '../../src/shared/signal.ts';
import { cleanUp, runArcher, startRecorder } from '../recorder/recorder-process.ts';
import { runPython } from './python.ts';
import { segmentsIn } from './segments.ts';

const spanCount = 100_000;

after(cleanUp);

describe('generate', () => {
  for (const protocol of ['http/protobuf', 'grpc', 'http/json'] as const) {
    it(`${protocol}: what is acknowledged pandas and DuckDB count, ${spanCount} spans`, async (test) => {
      const recorder = await startRecorder(['--rotation-max-bytes', '2MiB']);
      const port = recorder.ports[protocol === 'grpc' ? 'grpc' : 'http'];
      const endpoint = ['--endpoint', `http://127.0.0.1:${port}`, '--protocol', protocol];
      const amount = ['--rate', String(spanCount / 4), '--duration', '4s'];
      const metrics = ['--metric-interval', '500ms', '--series', '3000', '--json'];
      const { code, stdout, stderr } = await runArcher([
        ...['generate', ...endpoint, ...amount, ...metrics],
      ]);
      assert.equal(code, 0, stderr);
      const summary = JSON.parse(stdout);
      await recorder.stop();
      assert.ok(segmentsIn(recorder.outputDir, ['traces']).length > 1, 'nothing was rotated');
      const found = JSON.parse(await runPython('count_items.py', recorder.outputDir));
      test.diagnostic(JSON.stringify(found));
      for (const signal of signals) {
        assert.equal(found[signal].items, summary[signal].acknowledged, signal);
      }
      assert.deepEqual([found.traces.items, found.traces.distinct], [spanCount, spanCount]);
      assert.equal(found.metrics.items, 8 * 3000, 'eight exports of 3,000 series');
      assert.deepEqual(found.strange, { logs: 0, exemplars: 0 });
      assert.ok(found.metrics.exemplars > 1000 && found.logs.distinct > 20_000);
    });
  }
});
