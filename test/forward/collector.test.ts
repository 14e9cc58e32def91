/** The OpenTelemetry Collector as a destination; OTELCOL names its binary. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { freePorts, startCollector } from '../../bench/collector-target.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';
import { idOf, metric, post, range, startForwarding, until } from './scene.ts';

after(cleanUp);

/** Reads the complete messages; the last one may be incomplete. */
function idsIn(path: string, signal: Signal): number[] {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const ids: number[] = [];
  for (let offset = 0; offset + 4 <= bytes.length; ) {
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) break;
    const body = bytes.subarray(offset + 4, end);
    ids.push(idOf({ signal, path: '', headers: {}, body }));
    offset = end;
  }
  return ids.toSorted((a, b) => a - b);
}

describe('forwarding to the OpenTelemetry Collector', () => {
  const binary = process.env['OTELCOL'];

  it('three protocols, all signals: each request arrives once by each protocol', async (test) => {
    if (binary === undefined) {
      test.diagnostic('did not run: OTELCOL names no Collector');
      return;
    }
    const ports = await freePorts();
    const entries = ['http/protobuf', 'http/json', 'grpc'].map((protocol) => {
      const port = protocol === 'grpc' ? ports.grpc : ports.http;
      return { name: protocol.replace('/', '-'), protocol, port };
    });
    const recorder = await startForwarding(entries);
    const ids = range(0, 50);
    for (const id of ids) for (const signal of signals) await post(recorder, signal, id, 2_000);
    await until('the breakers open', async () => {
      return (await metric(recorder, 'breaker_state', 'grpc')) === 2;
    });
    const { child, files } = await startCollector(binary, makeFolder(), ports);
    const expected = ids.flatMap((id) => [id, id, id]);
    for (const signal of signals) {
      await until(`all ${signal} arrive`, () => idsIn(files[signal], signal).length >= 150);
      assert.deepEqual(idsIn(files[signal], signal), expected);
    }
    for (const { name } of entries) {
      assert.equal(await metric(recorder, 'delivered_requests_total', name), 150);
      assert.equal(await metric(recorder, 'partial_requests_total', name), 0);
    }
    await recorder.stop();
    child.kill();
  });
});
