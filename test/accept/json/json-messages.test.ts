/** Forms of messages from the reflection of protobufjs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import protobuf from 'protobufjs';
import { type MessageForm, messageForm } from '../../../src/accept/json/json-messages.ts';
import { hexForm } from '../../../src/accept/json/json-scalars.ts';
import { requestType } from '../../../src/shared/otlp-messages.ts';
import { signals } from '../../../src/shared/signal.ts';

function field(form: MessageForm | undefined, name: string) {
  const found = form?.fields.find((each) => each.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

function spanForm(): MessageForm | undefined {
  const resourceSpans = field(messageForm(requestType('traces')), 'resourceSpans').message;
  return field(field(resourceSpans, 'scopeSpans').message, 'spans').message;
}

describe('json-messages', () => {
  it('messageForm: fields in the order of their numbers, with their tags', () => {
    const span = spanForm();
    const numbers = span?.fields.map(({ tag }) => tag >>> 3) ?? [];
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
    assert.equal(numbers.length, 16);
    assert.equal(field(span, 'startTimeUnixNano').tag, (7 << 3) | 1);
    assert.equal(field(span, 'name').tag, (5 << 3) | 2);
    assert.equal(field(span, 'flags').tag, (16 << 3) | 5);
  });

  it('messageForm: is made once, and AnyValue leads back to itself', () => {
    const attributes = field(spanForm(), 'attributes').message;
    const value = field(attributes, 'value').message;
    assert.ok(value?.isValue);
    assert.equal(field(field(value, 'arrayValue').message, 'values').message, value);
    assert.ok(!attributes?.isValue);
  });

  it('messageForm: ids are hex, other bytes are not', () => {
    const span = spanForm();
    for (const name of ['traceId', 'spanId', 'parentSpanId']) {
      assert.equal(field(span, name).scalar, hexForm, name);
    }
    const link = field(span, 'links').message;
    assert.equal(field(link, 'traceId').scalar, hexForm);
    const value = field(field(span, 'attributes').message, 'value').message;
    assert.notEqual(field(value, 'bytesValue').scalar, hexForm);
  });

  it('messageForm: members of a oneof share a bit and have presence', () => {
    const value = field(field(spanForm(), 'attributes').message, 'value').message;
    assert.ok(value?.fields.every(({ oneofBit, hasPresence }) => oneofBit === 1 && hasPresence));
    assert.ok(spanForm()?.fields.every(({ oneofBit }) => oneofBit === 0));
  });

  it('messageForm: knows every message of every signal', () => {
    const seen = new Set<MessageForm>();
    const visit = (form: MessageForm) => {
      if (seen.has(form)) return;
      seen.add(form);
      for (const { message } of form.fields) if (message !== undefined) visit(message);
    };
    for (const signal of signals) visit(messageForm(requestType(signal)));
    assert.ok(seen.size > 25, `${seen.size} messages`);
  });

  it('messageForm: a kind of field that OTLP does not have breaks an invariant', () => {
    const type = new protobuf.Type('Odd').add(new protobuf.Field('group', 1, 'Unheard'));
    assert.throws(() => messageForm(type));
  });
});
