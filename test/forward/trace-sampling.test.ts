/** OpenTelemetry's consistent probability sampling. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { traceSampling } from '../../src/forward/trace-sampling.ts';

/** Returns a trace id with these last 7 bytes. */
function traceId(randomness: string): Uint8Array {
  return Buffer.from(`ffffffffffffffffff${randomness}`, 'hex');
}

const lowest = traceId('00000000000000');
const highest = traceId('ffffffffffffff');

describe('traceSampling', () => {
  it('all or nothing', () => {
    assert.ok(traceSampling(1)(lowest, ''));
    assert.ok(!traceSampling(0)(highest, ''));
  });

  it('a half: keeps traces from the threshold 80000000000000 on', () => {
    const keep = traceSampling(0.5);
    assert.ok(!keep(traceId('7fffffffffffff'), ''));
    assert.ok(keep(traceId('80000000000000'), ''));
  });

  it('a tenth: has the threshold of the specification (e6666666666666)', () => {
    const keep = traceSampling(0.1);
    assert.ok(keep(traceId('e6666666666667'), ''));
    assert.ok(!keep(traceId('e6666666666665'), ''));
  });

  it('explicit randomness: overrides that of the trace id', () => {
    const keep = traceSampling(0.5);
    assert.ok(keep(lowest, 'ot=rv:ffffffffffffff'));
    assert.ok(!keep(highest, 'vendor=rv:1, ot=th:8;rv:00000000000000'));
  });

  it('invalid explicit randomness: that of the trace id counts', () => {
    const keep = traceSampling(0.5);
    for (const wrong of ['ot=rv:ff', 'ot=rv:FFFFFFFFFFFFFF', 'other=rv:ffffffffffffff', 'rv:']) {
      assert.ok(!keep(lowest, wrong), wrong);
    }
  });

  it('no trace id, or one of another length: kept', () => {
    assert.ok(traceSampling(0)(new Uint8Array(0), ''));
    assert.ok(traceSampling(0)(new Uint8Array(8), ''));
  });

  it('random traces: the share is near the ratio, and a smaller ratio keeps a subset', () => {
    const ids = Array.from({ length: 20_000 }, () => randomBytes(16));
    const [quarter, half] = [traceSampling(0.25), traceSampling(0.5)];
    const kept = ids.filter((id) => quarter(id, ''));
    // The bound is seven standard deviations, so chance does not fail the test.
    assert.ok(Math.abs(kept.length - 5000) < 430, `${kept.length} of 20000`);
    assert.ok(kept.every((id) => half(id, '')));
  });
});
