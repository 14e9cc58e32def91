/** Reads the scalar types of protobuf from JSON, by proto3's mapping, and writes them. */
import { isLosslessNumber } from 'lossless-json';
import protobuf from 'protobufjs';

export interface ScalarForm {
  /** Completes the sentence `PATH is VALUE, not …`. */
  readonly expects: string;
  /** Writes the tag, unless it is 0, and the value. False if the JSON is not of this type. */
  write(writer: protobuf.Writer, tag: number, json: unknown, omitsDefault: boolean): boolean;
}

/** Conversion of one type from JSON and to protobuf. */
interface Codec<Value> {
  readonly expects: string;
  /** Returns undefined if the JSON is not of this type. */
  readonly fromJson: (json: unknown) => Value | undefined;
  readonly isDefault: (value: Value) => boolean;
  readonly write: (writer: protobuf.Writer, value: Value) => void;
}

function formOf<Value>({ expects, fromJson, isDefault, write }: Codec<Value>): ScalarForm {
  return {
    expects,
    write: (writer, tag, json, omitsDefault) => {
      const value = fromJson(json);
      if (value === undefined) return false;
      if (omitsDefault && isDefault(value)) return true;
      if (tag !== 0) writer.uint32(tag);
      write(writer, value);
      return true;
    },
  };
}

const string: Codec<string> = {
  expects: 'a string',
  // UTF-8 cannot encode half a surrogate pair, which a JSON escape can produce: it becomes U+FFFD.
  fromJson: (json) => (typeof json === 'string' ? json.toWellFormed() : undefined),
  isDefault: (value) => value === '',
  write: (writer, value) => writer.string(value),
};

const bool: Codec<boolean> = {
  expects: 'true or false',
  fromJson: (json) => (typeof json === 'boolean' ? json : undefined),
  isDefault: (value) => !value,
  write: (writer, value) => writer.bool(value),
};

const base64: Codec<Uint8Array> = {
  expects: 'base64 text',
  fromJson: (json) => (typeof json === 'string' ? fromBase64(json) : undefined),
  isDefault: (value) => value.length === 0,
  write: (writer, value) => writer.bytes(value),
};

/** OTLP/JSON writes ids in hex; all other bytes are base64. */
export const hexForm = formOf({
  ...base64,
  expects: 'pairs of hex digits',
  fromJson: (json) => (typeof json === 'string' ? fromHex(json) : undefined),
});

const double: Codec<number> = {
  expects: 'a number',
  fromJson: doubleFromJson,
  // Negative zero is not the default: proto3 writes it.
  isDefault: (value) => Object.is(value, 0),
  write: (writer, value) => writer.double(value),
};

const float: Codec<number> = {
  ...double,
  fromJson: floatFromJson,
  write: (writer, value) => writer.float(value),
};

const signed32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const unsigned32 = { min: 0, max: 2 ** 32 - 1 };
const signed64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const unsigned64 = { min: 0n, max: 2n ** 64n - 1n };

const int32 = whole32(signed32, (writer, value) => writer.int32(value));

/** The forms by their names in .proto files. */
const forms: Readonly<Record<string, ScalarForm>> = {
  string: formOf(string),
  bool: formOf(bool),
  bytes: formOf(base64),
  double: formOf(double),
  float: formOf(float),
  int32: formOf(int32),
  sint32: formOf(whole32(signed32, (writer, value) => writer.sint32(value))),
  sfixed32: formOf(whole32(signed32, (writer, value) => writer.sfixed32(value))),
  uint32: formOf(whole32(unsigned32, (writer, value) => writer.uint32(value))),
  fixed32: formOf(whole32(unsigned32, (writer, value) => writer.fixed32(value))),
  int64: formOf(whole64(signed64, (writer, value) => writer.int64(value))),
  sint64: formOf(whole64(signed64, (writer, value) => writer.sint64(value))),
  sfixed64: formOf(whole64(signed64, (writer, value) => writer.sfixed64(value))),
  uint64: formOf(whole64(unsigned64, (writer, value) => writer.uint64(value))),
  fixed64: formOf(whole64(unsigned64, (writer, value) => writer.fixed64(value))),
};

/** Returns undefined if the type is not a scalar. */
export function scalarForm(type: string): ScalarForm | undefined {
  return forms[type];
}

/** JSON writes an enum as its number, which need not have a name, or as its name. */
export function enumForm({ name, values }: protobuf.Enum): ScalarForm {
  const numbers = new Map(Object.entries(values));
  return formOf({
    ...int32,
    expects: `a number or a name of ${name}`,
    fromJson: (json) => (typeof json === 'string' ? numbers.get(json) : int32.fromJson(json)),
  });
}

interface Bounds<Value> {
  readonly min: Value;
  readonly max: Value;
}

function whole32(
  { min, max }: Bounds<number>,
  write: (writer: protobuf.Writer, value: number) => void,
): Codec<number> {
  const fromJson = (json: unknown) => {
    const value = typeof json === 'number' ? json : Number(wholeFromJson(json) ?? Number.NaN);
    return Number.isInteger(value) && value >= min && value <= max ? value : undefined;
  };
  const expects = `a whole number from ${min} to ${max}`;
  return { expects, fromJson, isDefault: (value) => value === 0, write };
}

function whole64(
  { min, max }: Bounds<bigint>,
  write: (writer: protobuf.Writer, value: protobuf.Long) => void,
): Codec<bigint> {
  const fromJson = (json: unknown) => {
    const value = wholeFromJson(json);
    return value !== undefined && value >= min && value <= max ? value : undefined;
  };
  return {
    expects: `a whole number from ${min} to ${max}`,
    fromJson,
    isDefault: (value) => value === 0n,
    write: (writer, value) => write(writer, toLong(value)),
  };
}

function toLong(value: bigint): protobuf.Long {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return new protobuf.util.LongBits(low, high).toLong();
}

/** Accepts a number or its text, because proto3 accepts both for every integer. */
function wholeFromJson(json: unknown): bigint | undefined {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : undefined;
  if (typeof json === 'string') return wholeFromText(json);
  return isLosslessNumber(json) ? wholeFromText(json.value) : undefined;
}

/** Digits of the largest 64-bit integer. */
const digitsMax = 20;
const plainWhole = /^-?(?:0|[1-9]\d{0,19})$/;

/** A longer number that is in range is only padded with zeros; the limit bounds the work. */
const decimalLengthMax = 100;
const decimal = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Accepts `1.0` and `1e3` too: they are whole numbers. */
function wholeFromText(number: string): bigint | undefined {
  if (plainWhole.test(number)) return BigInt(number);
  const parts = number.length <= decimalLengthMax ? decimal.exec(number) : null;
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const padded = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = padded.replace(/0+$/, '');
  if (digits === '') return 0n;
  const zeros = Number(exponent) - fraction.length + padded.length - digits.length;
  if (zeros < 0 || digits.length + zeros > digitsMax) return undefined;
  return BigInt(`${sign}${digits}${'0'.repeat(zeros)}`);
}

const namedDoubles: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

function doubleFromJson(json: unknown): number | undefined {
  if (typeof json === 'number') return json;
  const number = isLosslessNumber(json) ? json.value : json;
  if (typeof number !== 'string') return undefined;
  const named = namedDoubles.get(number);
  if (named !== undefined) return named;
  // Number() alone would also accept '', ' 1' and '0x1', which are not JSON.
  const value = decimal.test(number) ? Number(number) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function floatFromJson(json: unknown): number | undefined {
  const value = doubleFromJson(json);
  if (value === undefined) return undefined;
  const rounded = Math.fround(value);
  return Number.isFinite(value) && !Number.isFinite(rounded) ? undefined : rounded;
}

/** Accepts both base64 alphabets, padded or not. Buffer alone would skip invalid characters. */
function fromBase64(encoded: string): Uint8Array | undefined {
  const padding = encoded.endsWith('==') ? 2 : encoded.endsWith('=') ? 1 : 0;
  const digits = padding === 0 ? encoded : encoded.slice(0, -padding);
  if (/[^A-Za-z0-9+/_-]/.test(digits) || digits.length % 4 === 1) return undefined;
  if (padding > 0 && encoded.length % 4 !== 0) return undefined;
  return Buffer.from(digits, 'base64');
}

function fromHex(digits: string): Uint8Array | undefined {
  if (digits.length % 2 !== 0 || /[^0-9A-Fa-f]/.test(digits)) return undefined;
  return Buffer.from(digits, 'hex');
}
