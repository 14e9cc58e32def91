/** What the OpenTelemetry JS SDK exports, metrics and logs, is in the archive, column by column. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Signal } from '../../src/shared/signal.ts';
import { readSignal } from '../query/recorded-rows.ts';
import { cleanUp, startRecorder } from './recorder-process.ts';
import {
  exportOnce,
  logRows,
  makeLogs,
  makeMetrics,
  metricRows,
  openLogExporter,
  openMetricExporter,
  protocols,
  type Row,
} from './sdk-signals.ts';

after(cleanUp);

/** Those columns that are expected, with JSON parsed. */
function archived(outputDir: string, signal: Signal, expected: readonly Row[]): Row[] {
  return readSignal(outputDir, signal).map((row, index) => {
    const names = Object.keys(expected[index] ?? {});
    const found = { ...row, attributes: JSON.parse(String(row['attributes'])) } as Row;
    return Object.fromEntries(names.map((name) => [name, found[name]]));
  });
}

describe('JS SDK', () => {
  for (const protocol of protocols) {
    it(`${protocol}: each data point and each log record is archived once, as it was made`, async () => {
      const recorder = await startRecorder();
      const metrics = await makeMetrics();
      const logs = makeLogs();
      await exportOnce(openMetricExporter(protocol, recorder.ports), metrics);
      await exportOnce(openLogExporter(protocol, recorder.ports), logs);
      const { code, lines } = await recorder.stop();
      assert.equal(code, 0, recorder.stderr());
      const points = metricRows(metrics);
      const records = logRows(logs);
      assert.ok(points.length >= 8 && records.length === 10);
      assert.deepEqual(archived(recorder.outputDir, 'metrics', points), points);
      assert.deepEqual(archived(recorder.outputDir, 'logs', records), records);
      const { rows } = JSON.parse(lines.at(-1) ?? '');
      assert.deepEqual(rows, { metrics: points.length, logs: records.length });
    });
  }
});
