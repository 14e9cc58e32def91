/** Tests that ids are kept as they were sent, and that ids in hex text are counted. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RebuildHarness } from '../rebuild/rebuild-harness.ts';
import { type Bytes, field, join, requestOf } from '../wire-writer.ts';
import { DecoderHarness } from './decoder-harness.ts';

const traceText = '0AF7651916cd43dd8448eb211c80319c';
const spanText = 'b7ad6b7169203331';
const binary = (text: string) => Buffer.from(text, 'hex');

function countOf(...spans: readonly Bytes[]): number {
  const harness = new DecoderHarness();
  assert.equal(harness.decode(requestOf(...spans)), spans.length);
  return harness.decoder.hexTextIdCount();
}

describe('ids', () => {
  it('hex text in place of binary ids: kept as sent, and counted', () => {
    const span = join(field(1, traceText), field(2, spanText), field(4, spanText));
    const rebuild = new RebuildHarness('traces');
    assert.deepEqual(rebuild.rebuildOne(requestOf(span)), requestOf(span));
    assert.equal(countOf(span), 3);
    assert.equal(countOf(span, span), 6);
  });

  it('binary ids, other lengths and other text: not counted', () => {
    assert.equal(countOf(join(field(1, binary(traceText)), field(2, binary(spanText)))), 0);
    assert.equal(countOf(join(field(1, spanText), field(2, traceText))), 0);
    assert.equal(countOf(join(field(1, traceText.replace('0', 'g')))), 0);
    assert.equal(countOf(join(field(1, traceText.replace('0', '/')))), 0);
    assert.equal(countOf(join(field(1, traceText.replace('0', ':')))), 0);
    assert.equal(countOf(join(field(1, traceText.replace('0', '@')))), 0);
  });

  it('a refused request: not counted', () => {
    const harness = new DecoderHarness();
    const request = requestOf(field(1, traceText));
    assert.ok(harness.decode(join(request, Buffer.from([0x07]))) < 0);
    assert.equal(harness.decoder.hexTextIdCount(), 0);
  });

  it('an all-zero parent id: kept as sent', () => {
    const span = field(4, Buffer.alloc(8));
    assert.deepEqual(new RebuildHarness('traces').rebuildOne(requestOf(span)), requestOf(span));
  });
});
