/** The values of a JSON column as JavaScript values. */
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

/** A double holds every whole number of 15 digits exactly, but not every one of 16. */
const manyDigits = /\d{16}/;

const wholeNumber = /^-?\d+$/;

/** If a key occurs twice, its last value counts, as in JSON.parse. Null if the text is not JSON. */
export function parseJsonColumn(text: string): JsonObject | null {
  try {
    // JSON.parse is several times as fast, and few rows have numbers that it would round.
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
