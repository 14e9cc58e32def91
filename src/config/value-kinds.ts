/** The kinds of values that settings have: each is read from YAML or text, and written again. */
import { validate as isCron } from 'node-cron';
import { z } from 'zod';
import { byteCountText, durationText, parseByteCount, parseDurationMs } from './units.ts';

/** A hundred years. More is a mistake, and times of expiry stay exact numbers below this bound. */
export const durationMsMax = 100 * 366 * 86_400_000;

export const text = z.string(sentence('must be text, in quotes if it looks like something else'));

export const nonEmptyText = text.min(1, 'must not be empty');

/** A whole number within bounds, both included. */
export function count(min: number, max: number) {
  const [plain, pattern] = [z.int().meta({ minimum: min, maximum: max }), '^\\d+$'];
  return quantity({
    ...{ plain, pattern, isWhole: true, fault: 'must be a whole number', min, max },
    parse: (given) => (new RegExp(pattern).test(given) ? Number(given) : Number.NaN),
    format: (value) => value,
  });
}

/** A number within bounds, both included. */
export function decimal(min: number, max: number) {
  const [plain, pattern] = [z.number().meta({ minimum: min, maximum: max }), '^\\d+(\\.\\d+)?$'];
  return quantity({
    ...{ plain, pattern, isWhole: false, fault: 'must be a number', min, max },
    parse: (given) => (new RegExp(pattern).test(given) ? Number(given) : Number.NaN),
    format: (value) => value,
  });
}

/** A size within bounds, in bytes. */
export function size(min: number, max: number) {
  return quantity({
    ...{ min, max, parse: parseByteCount, format: byteCountText },
    plain: z.int().meta({ minimum: min, maximum: max }),
    pattern: '^\\d+(\\.\\d+)? *(KiB|MiB|GiB|KB|MB|GB)?$',
    isWhole: true,
    fault: 'must be bytes or take KiB, MiB, GiB, KB, MB or GB',
  });
}

/** A time within bounds, in milliseconds. */
export function duration(minMs: number, maxMs: number) {
  return quantity({
    ...{ min: minMs, max: maxMs, parse: parseDurationMs, format: durationText },
    plain: z.literal(0),
    pattern: '^0$|^\\d+(\\.\\d+)? *(ms|s|m|h|d)$',
    isWhole: false,
    fault: 'needs a unit: ms, s, m, h or d',
  });
}

export const yesOrNo = z.union(
  [
    z.boolean(),
    z
      .stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' })
      .meta({ pattern: '^(true|false)$' }),
  ],
  sentence('must be true or false'),
);

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, sentence(`must be one of ${values.join(', ')}`));
}

/** A list in YAML, or a text with commas between the items. */
export function listOf(item: z.ZodType<string, string>) {
  const written = z.union([z.array(z.string()), z.string()], sentence('must be a list of texts'));
  return z.codec(written, z.array(item), {
    decode: (given) => (typeof given === 'string' ? splitList(given) : given),
    encode: (values) => values,
  });
}

/** Reads an empty text as undefined. */
export function optional<Kind extends z.ZodType>(kind: Kind) {
  const nothing = z.codec(z.literal(''), z.undefined(), {
    decode: () => undefined,
    encode: () => '' as const,
  });
  return z.union([nothing, kind]);
}

/** Five fields, or six with seconds first. node-cron's words such as @daily are refused. */
export const cron = text.refine(
  (given) => [5, 6].includes(given.trim().split(/\s+/).length) && isCron(given),
  'must be a cron expression: five fields, or six with seconds first',
);

export const port = count(0, 65_535);

/** An origin as browsers send it in the header Origin. */
export const origin = text.refine(
  (given) => given === '*' || (URL.canParse(given) && new URL(given).origin === given),
  'must be an origin such as https://shop.example:8443, or *',
);

interface Quantity {
  /** What may be written instead of a text. */
  readonly plain: z.ZodType<number, number>;
  /** Describes the texts in the JSON Schema. They are checked after they are parsed. */
  readonly pattern: string;
  readonly isWhole: boolean;
  /** The message for everything that is not such a quantity. */
  readonly fault: string;
  readonly min: number;
  readonly max: number;
  /** Returns NaN for a text that is not such a quantity. */
  readonly parse: (given: string) => number;
  readonly format: (value: number) => number | string;
}

function quantity({ plain, pattern, isWhole, fault, min, max, parse, format }: Quantity) {
  const number = isWhole ? z.int(sentence(fault)) : z.number(sentence(fault));
  return z.codec(
    z.union([plain, z.string().meta({ pattern })], sentence(fault)),
    number.min(min, `must be at least ${format(min)}`).max(max, `must be at most ${format(max)}`),
    { decode: (given) => (typeof given === 'number' ? given : parse(given)), encode: format },
  );
}

/** The message for values of another kind. Missing values get the words of the parse instead. */
function sentence(message: string): { error: z.core.$ZodErrorMap } {
  return { error: ({ input }) => (input === undefined ? undefined : message) };
}

function splitList(given: string): string[] {
  return given.split(',').flatMap((part) => part.trim() || []);
}
