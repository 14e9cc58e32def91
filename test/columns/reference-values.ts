/** The texts and numbers that columns hold for the values of OTLP, from what protobufjs decodes. */
import type { Value } from './decode/decoder-harness.ts';

/** Times from 2^63 - 1 on do not fit. */
const timeMax = 2n ** 63n - 2n;

export interface Integer {
  toString(): string;
}

export interface AnyValue {
  readonly value?: string;
  readonly stringValue: string;
  readonly boolValue: boolean;
  readonly intValue: Integer;
  readonly doubleValue: number;
  readonly arrayValue: { readonly values: readonly AnyValue[] };
  readonly kvlistValue: { readonly values: readonly KeyValue[] };
  readonly bytesValue: Uint8Array;
}

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue | null;
}

export interface WithAttributes {
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
}

export function time(value: Integer): bigint | null {
  const nanoseconds = BigInt(value.toString());
  return nanoseconds === 0n || nanoseconds > timeMax ? null : nanoseconds;
}

export function id(bytes: Uint8Array): Value {
  return bytes.length === 0 ? null : Buffer.from(bytes).toString('hex');
}

export function enumText(number: number, names: readonly string[]): string {
  return names[number] ?? String(number);
}

export function attributesText(attributes: readonly KeyValue[]): string {
  return `{${attributes.map(keyValueText).join(',')}}`;
}

function keyValueText({ key, value }: KeyValue): string {
  return `${JSON.stringify(key)}:${value ? valueText(value) : 'null'}`;
}

export function valueText(any: AnyValue): string {
  switch (any.value) {
    case 'stringValue':
      return JSON.stringify(any.stringValue);
    case 'boolValue':
      return String(any.boolValue);
    case 'intValue':
      return any.intValue.toString();
    case 'doubleValue':
      return doubleText(any.doubleValue);
    case 'arrayValue':
      return `[${any.arrayValue.values.map(valueText).join(',')}]`;
    case 'kvlistValue':
      return attributesText(any.kvlistValue.values);
    case 'bytesValue':
      return `"${Buffer.from(any.bytesValue).toString('base64')}"`;
    default:
      return 'null';
  }
}

/**
 * Formats a double with JavaScript's shortest digits and a point or an exponent; NaN and infinities
 * are strings.
 */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
