import assert from 'node:assert/strict';
import { test } from 'node:test';
import { body } from '../../../../src/columns/rebuild/logs/log-body.ts';
import { doubleField, field, message, noBytes, varintField } from '../../wire-writer.ts';
import { columnsOf, texts, written } from '../columns-of.ts';

function writtenBody(type: string | null, text: string | Uint8Array | null): string {
  return written(body(5), columnsOf(1, { body: texts(text), body_type: texts(type) }));
}

const sound: readonly [string | null, string | null, Buffer][] = [
  [null, null, noBytes],
  ['empty', null, field(5, noBytes)],
  ['string', 'a "b"\n', message(5, field(1, 'a "b"\n'))],
  ['string', '', message(5, field(1, ''))],
  ['bool', 'false', message(5, varintField(2, 0))],
  ['int', '-7', message(5, varintField(3, -7n))],
  ['double', '2.0', message(5, doubleField(4, 2))],
  ['double', '"NaN"', message(5, doubleField(4, NaN))],
  ['double', '"-Infinity"', message(5, doubleField(4, -Infinity))],
  ['array', '["x"]', message(5, message(5, message(1, field(1, 'x'))))],
  ['kvlist', '{}', message(5, field(6, ''))],
  ['bytes', '"Af8="', message(5, field(7, Uint8Array.of(1, 255)))],
  ['bytes', '""', message(5, field(7, ''))],
];
for (const [type, text, expected] of sound) {
  test(`body: ${type} ${text}`, () => {
    assert.equal(writtenBody(type, text), expected.toString('hex'));
  });
}

const broken: readonly [string, string | Uint8Array | null, string, RegExp][] = [
  ['string', null, 'body', /^it is missing$/],
  ['text', 'a', 'body_type', /^the name is unknown$/],
  ['int', '"1"', 'body', /^it is not of its body_type$/],
  ['array', '{}', 'body', /^it is not of its body_type$/],
  ['int', 'null', 'body', /^it is not of its body_type$/],
  ['double', '"nan"', 'body', /^it is not of its body_type$/],
  ['double', '', 'body', /^a value is expected/],
  ['kvlist', '{', 'body', /^a key is expected/],
  ['bytes', 'Af8=', 'body', /^it is not base64$/],
  ['bytes', '"Af8"', 'body', /^it is not base64$/],
  ['bytes', '"A!=="', 'body', /^it is not base64$/],
  ['string', Uint8Array.of(0x80), 'body', /^the text is not UTF-8$/],
];
for (const [type, text, column, message] of broken) {
  test(`body: ${type} ${text} is a fault of ${column}`, () => {
    assert.throws(() => writtenBody(type, text), { column, message });
  });
}
