/** Tests what messages leave in traces: producers, consumers and the links between them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, faultCodes } from '../../../src/commands/generate/fault.ts';
import { consume, publish } from '../../../src/commands/generate/messaging.ts';
import { spanKind, statusCode } from '../../../src/commands/generate/telemetry.ts';
import type { OpenSpan } from '../../../src/commands/generate/visit.ts';
import { assertTrees, emitVisit, hex, only, value } from './traces.ts';

const message = { topic: 'orders', key: 'o-1', bodyBytes: 300, partition: 4, offset: 1_000_001 };

function emitMessage(continuesTrace: boolean, handle: (span: OpenSpan) => void) {
  return emitVisit(1, (span, fleet) => {
    const producer = publish(span, message);
    const instance = fleet.shipping[0]!;
    consume(producer, message, { instance, group: 'g', continuesTrace, delayMs: 20 }, handle);
  });
}

describe('messaging', () => {
  it('publish: a producer span with where the message went', () => {
    const { span } = only(
      emitMessage(true, () => {}),
      'send orders',
    );
    assert.equal(span.kind, spanKind.producer);
    assert.equal(value(span, 'messaging.system'), 'kafka');
    assert.equal(value(span, 'messaging.destination.name'), 'orders');
    assert.equal(value(span, 'messaging.destination.partition.id'), '4');
    assert.equal(value(span, 'messaging.kafka.offset'), 1_000_001);
  });

  for (const continuesTrace of [true, false]) {
    const where = continuesTrace ? 'in the same trace' : 'in a trace of its own';
    it(`consume: a consumer span ${where}, linked to the producer`, () => {
      const spans = emitMessage(continuesTrace, (span) => span.visit.spend(2));
      assertTrees(spans.map(({ span }) => span));
      const producer = only(spans, 'send orders').span;
      const consumer = only(spans, 'process orders').span;
      assert.equal(consumer.kind, spanKind.consumer);
      assert.equal(hex(consumer.links[0]!.spanId), hex(producer.spanId));
      assert.equal(hex(consumer.traceId) === hex(producer.traceId), continuesTrace);
      assert.equal(consumer.parentSpanId.length, continuesTrace ? 8 : 0);
      assert.ok(consumer.startTimeUnixNano > producer.endTimeUnixNano);
    });
  }

  it('consume: a fault stays with the consumer', () => {
    const spans = emitMessage(true, (span) => {
      span.visit.spend(2);
      throw new Fault('Test', 'it broke', faultCodes.internal);
    });
    assert.equal(only(spans, 'process orders').span.status.code, statusCode.error);
    assert.equal(only(spans, 'send orders').span.status.code, statusCode.unset);
  });
});
