/** Scalars from JSON: accepted values, refused values, and the bytes written. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LosslessNumber } from 'lossless-json';
import protobuf from 'protobufjs';
import {
  enumForm,
  hexForm,
  type ScalarForm,
  scalarForm,
} from '../../../src/accept/json/json-scalars.ts';

/** Returns the bytes of the value in hex, without a tag; undefined if it is refused. */
function encode(form: ScalarForm | undefined, json: unknown): string | undefined {
  const writer = protobuf.Writer.create();
  assert.ok(form !== undefined);
  if (!form.write(writer, 0, json, false)) return undefined;
  return Buffer.from(writer.finish()).toString('hex');
}

/** Writes the value and reads it again. */
function roundTrip(type: string, json: unknown): unknown {
  const hex = encode(scalarForm(type), json);
  if (hex === undefined) return undefined;
  const reader = protobuf.Reader.create(Buffer.from(hex, 'hex'));
  const read = (reader as unknown as Record<string, () => unknown>)[type];
  const value = read?.call(reader);
  return typeof value === 'object' && !(value instanceof Uint8Array) ? String(value) : value;
}

const text = (number: string) => new LosslessNumber(number);

const bounds: Record<string, [min: string, max: string]> = {
  int32: ['-2147483648', '2147483647'],
  sint32: ['-2147483648', '2147483647'],
  sfixed32: ['-2147483648', '2147483647'],
  uint32: ['0', '4294967295'],
  fixed32: ['0', '4294967295'],
  int64: ['-9223372036854775808', '9223372036854775807'],
  sint64: ['-9223372036854775808', '9223372036854775807'],
  sfixed64: ['-9223372036854775808', '9223372036854775807'],
  uint64: ['0', '18446744073709551615'],
  fixed64: ['0', '18446744073709551615'],
};

describe('json-scalars', () => {
  for (const [type, [min, max]] of Object.entries(bounds)) {
    it(`${type}: from ${min} to ${max}, as a string or as a number, exactly`, () => {
      for (const number of [min, max, '1', '0']) {
        assert.equal(String(roundTrip(type, number)), number);
        assert.equal(String(roundTrip(type, text(number))), number);
      }
      const outside = [String(BigInt(min) - 1n), String(BigInt(max) + 1n), `${max}0`, `${max}e1`];
      for (const number of outside) {
        assert.equal(roundTrip(type, number), undefined, number);
        assert.equal(roundTrip(type, text(number)), undefined, number);
      }
      assert.match(scalarForm(type)?.expects ?? '', new RegExp(`from ${min} to ${max}`));
    });
  }

  it('integers: whole numbers with an exponent or a fraction of zeros are accepted', () => {
    const numbers = { '1e3': '1000', '1.0': '1', '1.50E1': '15', '1000e-3': '1', '-0': '0' };
    for (const [number, value] of Object.entries(numbers)) {
      assert.equal(String(roundTrip('int64', number)), value, number);
      assert.equal(String(roundTrip('int64', text(number))), value, number);
      assert.equal(String(roundTrip('int32', text(number))), value, number);
    }
    assert.equal(roundTrip('fixed64', text('1.8446744073709551615e19')), '18446744073709551615');
    assert.equal(roundTrip('int64', text('922337203685477580.7e1')), '9223372036854775807');
    assert.equal(roundTrip('int64', 5), '5');
    assert.equal(roundTrip('int32', -0), 0);
  });

  it('integers: fractions and text that is not a number are refused', () => {
    const numbers = ['1.5', '1e-1', '0.1', '1e19', '1e400', '1e999999999', '9.3e18'];
    for (const number of numbers) {
      assert.equal(roundTrip('int64', number), undefined, number);
      assert.equal(roundTrip('int64', text(number)), undefined, number);
    }
    const wrong = ['', ' 1', '1 ', '+1', '0x10', '01', '1_0', 'NaN', 'Infinity', '1.', '.1', '--1'];
    for (const value of [...wrong, '9'.repeat(1_000_000), 1.5, true, {}, [], null, Number.NaN]) {
      assert.equal(roundTrip('int64', value), undefined);
      assert.equal(roundTrip('int32', value), undefined);
    }
  });

  it('double: numbers, their texts, and the three that JSON has no number for', () => {
    for (const value of [0, -0, 1, -2.5, 1e300, 5e-324, 0.1]) {
      assert.ok(Object.is(roundTrip('double', value), value), String(value));
    }
    assert.equal(roundTrip('double', '1.5'), 1.5);
    assert.equal(roundTrip('double', text('9007199254740993')), 9007199254740992);
    assert.equal(roundTrip('double', 'NaN'), Number.NaN);
    assert.equal(roundTrip('double', 'Infinity'), Number.POSITIVE_INFINITY);
    assert.equal(roundTrip('double', '-Infinity'), Number.NEGATIVE_INFINITY);
  });

  it('double: numbers out of range and text that is not a number are refused', () => {
    const wrong = ['', ' 1', 'inf', 'nan', '0x1', '1e400', '+1', text('1e400'), text('-1e400')];
    for (const value of [...wrong, true, {}, null])
      assert.equal(roundTrip('double', value), undefined);
  });

  it('float: rounds, and refuses numbers out of range', () => {
    assert.equal(roundTrip('float', 0.1), Math.fround(0.1));
    assert.equal(roundTrip('float', 1e39), undefined);
    assert.equal(roundTrip('float', '-Infinity'), Number.NEGATIVE_INFINITY);
  });

  it('bool: true and false only', () => {
    assert.equal(roundTrip('bool', true), true);
    for (const value of ['true', 1, 0, null, {}]) assert.equal(roundTrip('bool', value), undefined);
  });

  it('string: any text; half a surrogate pair becomes U+FFFD', () => {
    for (const value of ['', 'x', 'ä€😀', '\u0000', 'x'.repeat(100_000)]) {
      assert.equal(roundTrip('string', value), value);
    }
    assert.equal(roundTrip('string', 'a\udc00b\ud800'), 'a\ufffdb\ufffd');
    const wrong = [1, true, null, {}, text('1')];
    for (const value of wrong) assert.equal(roundTrip('string', value), undefined);
  });

  it('bytes: base64 of both alphabets, padded or not', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    for (let length = 0; length <= 256; length++) {
      const bytes = all.subarray(256 - length);
      const padded = bytes.toString('base64');
      const unpadded = padded.replaceAll('=', '');
      const url = bytes.toString('base64url');
      for (const encoded of [padded, unpadded, url]) {
        assert.deepEqual(Buffer.from(roundTrip('bytes', encoded) as Uint8Array), bytes);
      }
    }
  });

  it('bytes: text that is not base64 is refused', () => {
    const wrong = [
      'a',
      'abcde',
      'ab=',
      'ab==c',
      '====',
      '=',
      'a b=',
      'ab\n=',
      'ä',
      'ab===',
      1,
      null,
    ];
    for (const value of wrong) assert.equal(roundTrip('bytes', value), undefined, String(value));
  });

  it('hexForm: pairs of digits in any case, of any number', () => {
    assert.equal(encode(hexForm, '0aFf'), '020aff');
    assert.equal(encode(hexForm, ''), '00');
    for (const value of ['0', 'abc', '0g', '0x', ' 0a', 'AAE=', 1, null, {}]) {
      assert.equal(encode(hexForm, value), undefined, String(value));
    }
  });

  it('enumForm: numbers, also unknown ones, and names', () => {
    const kind = enumForm(new protobuf.Enum('Kind', { NONE: 0, SERVER: 2 }));
    assert.equal(encode(kind, 2), '02');
    assert.equal(encode(kind, 'SERVER'), '02');
    assert.equal(encode(kind, text('77e0')), '4d');
    assert.equal(encode(kind, -1), 'ffffffffffffffffff01');
    for (const value of ['OTHER', '2', 'toString', '', 1.5, 2 ** 31, true, null]) {
      assert.equal(encode(kind, value), undefined, String(value));
    }
    assert.equal(kind.expects, 'a number or a name of Kind');
  });

  it('write: omits a default only if the field has no presence', () => {
    const defaults = { string: '', bool: false, bytes: '', double: 0, int32: 0, fixed64: '0' };
    for (const [type, json] of Object.entries(defaults)) {
      const writer = protobuf.Writer.create();
      assert.ok(scalarForm(type)?.write(writer, 8, json, true));
      assert.equal(writer.finish().length, 0, type);
      assert.ok(scalarForm(type)?.write(writer, 8, json, false));
      assert.ok(writer.finish().length > 1, type);
    }
    const writer = protobuf.Writer.create();
    scalarForm('double')?.write(writer, 9, -0, true);
    assert.equal(writer.finish().length, 9, 'a negative zero is no default');
  });

  it('scalarForm: knows all that protobuf has, and nothing else', () => {
    for (const type of Object.keys(protobuf.types.basic)) assert.ok(scalarForm(type), type);
    assert.equal(scalarForm('Span'), undefined);
  });
});
