/** Tests simulated time and the spans that it leaves behind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, faultCodes } from '../../../src/commands/generate/fault.ts';
import { spanFlags, statusCode } from '../../../src/commands/generate/telemetry.ts';
import type { OpenSpan } from '../../../src/commands/generate/visit.ts';
import { assertTrees, emitVisit, endUnixNs, findVisit, hex, only, value } from './traces.ts';

function step(name: string) {
  return { role: 'application', kind: 'internal', name, attributes: {} } as const;
}

function work(span: OpenSpan, name: string, medianMs = 5): void {
  span.run(step(name), () => span.visit.spend(medianMs));
}

describe('visit', () => {
  it('run: children lie inside their parents, one after the other', () => {
    const spans = emitVisit(1, (span) => {
      work(span, 'first');
      work(span, 'second');
    });
    assertTrees(spans.map(({ span }) => span));
    const first = only(spans, 'first').span;
    const second = only(spans, 'second').span;
    assert.equal(hex(first.parentSpanId), hex(only(spans, 'GET /test').span.spanId));
    assert.ok(first.endTimeUnixNano <= second.startTimeUnixNano);
  });

  it('emit: the last span ends at the time given', () => {
    const spans = emitVisit(2, (span) => work(span, 'only'));
    const ends = spans.map(({ span }) => span.endTimeUnixNano).sort();
    assert.equal(ends.at(-1), endUnixNs);
  });

  it('together: tasks start at the same time and the parent waits for the longest', () => {
    const spans = emitVisit(3, (span) => {
      span.visit.together([() => work(span, 'short', 1), () => work(span, 'long', 1000)]);
      work(span, 'after');
    });
    const short = only(spans, 'short').span;
    const long = only(spans, 'long').span;
    assert.equal(short.startTimeUnixNano, long.startTimeUnixNano);
    assert.equal(only(spans, 'after').span.startTimeUnixNano, long.endTimeUnixNano);
  });

  it('together: all tasks are done before a fault is thrown', () => {
    const fault = new Fault('Test', 'it broke', faultCodes.internal);
    const spans = emitVisit(4, (span) => {
      const failing = () => {
        throw fault;
      };
      assert.throws(
        () => span.visit.together([failing, () => work(span, 'other')]),
        (thrown) => thrown === fault,
      );
    });
    assert.equal(spans.length, 2);
  });

  it('later: the task does not hold up what started it', () => {
    const spans = emitVisit(5, (span) => {
      span.visit.later(50, () => work(span, 'afterwards'));
      work(span, 'meanwhile');
    });
    const afterwards = only(spans, 'afterwards').span;
    assert.ok(only(spans, 'meanwhile').span.startTimeUnixNano < afterwards.startTimeUnixNano);
    assert.ok(only(spans, 'GET /test').span.endTimeUnixNano < afterwards.endTimeUnixNano);
  });

  it('fault: marks every span it leaves, and is recorded where it began', () => {
    const spans = emitVisit(6, (span) => {
      try {
        span.run(step('outer'), (outer) => {
          outer.run(step('inner'), () => {
            throw new Fault('Test', 'it broke', faultCodes.internal);
          });
        });
      } catch {
        // The server span goes on: only what the fault left is marked.
      }
    });
    const inner = only(spans, 'inner').span;
    const outer = only(spans, 'outer').span;
    const root = only(spans, 'GET /test').span;
    assert.deepEqual(inner.status, { code: statusCode.error, message: 'it broke' });
    assert.deepEqual(outer.status, inner.status);
    assert.equal(value(outer, 'error.type'), 'TestError');
    assert.equal(root.status.code, statusCode.unset);
    assert.deepEqual(
      [inner, outer, root].map((span) => span.events.length),
      [1, 0, 0],
    );
    const [exception] = inner.events;
    assert.equal(exception?.name, 'exception');
    assert.match(String(value(exception!, 'exception.stacktrace')), /inner.*outer.*getTest/s);
  });

  it('flags: sampled, and whether the parent is of another process', () => {
    const spans = emitVisit(7, (span, fleet) => {
      work(span, 'local');
      span.run(step('remote'), () => span.visit.spend(1), fleet.payment[0]);
    });
    const local = spanFlags.sampled | spanFlags.remoteKnown;
    assert.equal(only(spans, 'GET /test').span.flags, local);
    assert.equal(only(spans, 'local').span.flags, local);
    assert.equal(only(spans, 'remote').span.flags, local | spanFlags.remote);
  });

  it('trace state: some traces have one, and all their spans the same', () => {
    const spans = findVisit(
      (span) => work(span, 'child'),
      ([root]) => root?.span.traceState !== '',
    );
    assert.match(spans[0]?.span.traceState ?? '', /^ot=rv:[\da-f]{14}$/);
    assertTrees(spans.map(({ span }) => span));
  });

  it('link: leads to the other span with its attributes', () => {
    const spans = emitVisit(8, (span) => {
      const link = { to: span, attributes: { why: 'test' } };
      span.visit.later(1, () => span.run({ ...step('linked'), link }, () => span.visit.spend(1)));
    });
    const [link] = only(spans, 'linked').span.links;
    assert.equal(hex(link?.spanId ?? new Uint8Array()), hex(spans[0]!.span.spanId));
    assert.equal(value(link!, 'why'), 'test');
  });
});
