/** The scalar types of protobuf: how each is read from JSON, as proto3 maps it, and written. */
import { isLosslessNumber } from 'lossless-json';
import protobuf from 'protobufjs';

export interface ScalarForm {
  /** Completes `is … , not …`. */
  readonly expects: string;
  /** Writes the tag, unless it is 0, and the value; false when the JSON is none of this type. */
  write(writer: protobuf.Writer, tag: number, json: unknown, omitsDefault: boolean): boolean;
}

/** How one type is read from JSON and written. */
interface Codec<Value> {
  readonly expects: string;
  /** Undefined when the JSON is none of this type. */
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

/** Half of a character, which an escape can bring into a string and UTF-8 cannot hold. */
const loneSurrogate = /\p{Surrogate}/u;

const string: Codec<string> = {
  expects: 'a string',
  fromJson: (json) => (typeof json === 'string' && !loneSurrogate.test(json) ? json : undefined),
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

/** OTLP has its ids in hex, where proto3 has base64. */
export const hexForm = formOf({
  ...base64,
  expects: 'pairs of hex digits',
  fromJson: (json) => (typeof json === 'string' ? fromHex(json) : undefined),
});

const double: Codec<number> = {
  expects: 'a number',
  fromJson: doubleFromJson,
  // Only the positive zero is the default.
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

/** By the names that .proto files use. */
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

/** Undefined for what is no scalar. */
export function scalarForm(type: string): ScalarForm | undefined {
  return forms[type];
}

/** A number, also one without a name, or a name: JSON has it either way. */
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

/** From a number or its text: proto3 takes either for every integer. */
function wholeFromJson(json: unknown): bigint | undefined {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : undefined;
  if (typeof json === 'string') return wholeFromText(json);
  return isLosslessNumber(json) ? wholeFromText(json.value) : undefined;
}

/** No integer of 64 bits has more digits. */
const digitsMax = 20;
const plainWhole = /^-?(?:0|[1-9]\d{0,19})$/;

/** Longer texts could only be padded with zeros; this keeps what follows short. */
const decimalLengthMax = 100;
const decimal = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Also `1.0` and `1e3` are whole numbers. */
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
  // Number() alone would also take what is no JSON: '', ' 1', '0x1'.
  const value = decimal.test(number) ? Number(number) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function floatFromJson(json: unknown): number | undefined {
  const value = doubleFromJson(json);
  if (value === undefined) return undefined;
  const rounded = Math.fround(value);
  return Number.isFinite(value) && !Number.isFinite(rounded) ? undefined : rounded;
}

/** The standard or the URL alphabet, padded or not; Buffer alone would skip what is neither. */
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
