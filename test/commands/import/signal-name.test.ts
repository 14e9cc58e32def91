/** Tests which names of files tell a signal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { signalOfFileName } from '../../../src/commands/import/signal-name.ts';

describe('signal-name', () => {
  it('exactly one name, as a word, in the name of the file itself', () => {
    const names = {
      'traces.binpb': 'traces',
      'out/Traces-2026-11-21T08.pb.zst': 'traces',
      'otel_metrics_1.proto': 'metrics',
      LOGS: 'logs',
      'logs/data.binpb': undefined,
      'traces-and-logs.binpb': undefined,
      'catalogs.binpb': undefined,
      'trace.binpb': undefined,
      '-': undefined,
    };
    for (const [name, expected] of Object.entries(names)) {
      assert.equal(signalOfFileName(name), expected, name);
    }
  });
});
