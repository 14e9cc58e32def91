/** The values of a JSON column as JavaScript has them. */
import { parse } from 'lossless-json';

/** A whole number that a double cannot hold exactly is a bigint. */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Every whole number of 15 digits is a double; some of 16 are not. */
const manyDigits = /\d{16}/;

const wholeNumber = /^-?\d+$/;

/** Of a key that comes twice the last value, as JSON.parse does; null where it is no JSON. */
export function parseJsonColumn(text: string): JsonObject | null {
  try {
    // The platform's parser is several times as fast, and few rows have numbers that it rounds.
    return (manyDigits.test(text) ? parse(text, null, exactly) : JSON.parse(text)) as JsonObject;
  } catch {
    return null;
  }
}

const exactly = {
  parseNumber: (digits: string): number | bigint => {
    const number = Number(digits);
    const isExact = !wholeNumber.test(digits) || Number.isSafeInteger(number);
    return isExact ? number : BigInt(digits);
  },
  onDuplicateKey: ({ newValue }: { readonly newValue: unknown }) => newValue,
};
