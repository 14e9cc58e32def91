/** The kinds of values that settings have: each is read from YAML or text, and written again. */
import { validate as isCron } from 'node-cron';
import { z } from 'zod';
import { byteCountText, durationText, parseByteCount, parseDurationMs } from './units.ts';

/** A hundred years: whoever writes more has mistyped, and ends of time stay exact numbers. */
export const durationMsMax = 100 * 366 * 86_400_000;

export const text = z.string('must be text, in quotes if it looks like something else');

export const nonEmptyText = text.min(1, 'must not be empty');

/** What can be told from a text's outside; the values' bounds are looked at once it is read. */
function textLike(pattern: string) {
  return z.string().meta({ pattern });
}

/** A whole number within bounds, both included. */
export function count(min: number, max: number) {
  const fault = 'must be a whole number';
  const integer = z.int().meta({ minimum: min, maximum: max });
  return z.codec(
    z.union([integer, textLike('^\\d+$')], fault),
    z.int(fault).min(min, `must be at least ${min}`).max(max, `must be at most ${max}`),
    { decode: (given) => numberOf(given, /^\d+$/), encode: (value) => value },
  );
}

/** A number within bounds, both included. */
export function decimal(min: number, max: number) {
  const fault = 'must be a number';
  const number = z.number().meta({ minimum: min, maximum: max });
  return z.codec(
    z.union([number, textLike('^\\d+(\\.\\d+)?$')], fault),
    z.number(fault).min(min, `must be at least ${min}`).max(max, `must be at most ${max}`),
    { decode: (given) => numberOf(given, /^\d+(\.\d+)?$/), encode: (value) => value },
  );
}

function numberOf(given: number | string, pattern: RegExp): number {
  if (typeof given === 'number') return given;
  return pattern.test(given) ? Number(given) : Number.NaN;
}

/** A size within bounds, in bytes. */
export function size(min: number, max: number) {
  const fault = 'must be bytes or take KiB, MiB, GiB, KB, MB or GB';
  const texts = textLike('^\\d+(\\.\\d+)? *(KiB|MiB|GiB|KB|MB|GB)?$');
  return z.codec(
    z.union([z.int().meta({ minimum: min, maximum: max }), texts], fault),
    z
      .int(fault)
      .min(min, `must be at least ${byteCountText(min)}`)
      .max(max, `must be at most ${byteCountText(max)}`),
    {
      decode: (given) => (typeof given === 'number' ? given : parseByteCount(given)),
      encode: byteCountText,
    },
  );
}

/** A time within bounds, in milliseconds. */
export function duration(minMs: number, maxMs: number) {
  const fault = 'needs a unit: ms, s, m, h or d';
  const texts = textLike('^0$|^\\d+(\\.\\d+)? *(ms|s|m|h|d)$');
  return z.codec(
    z.union([z.literal(0), texts], fault),
    z
      .number(fault)
      .min(minMs, `must be at least ${durationText(minMs)}`)
      .max(maxMs, `must be at most ${durationText(maxMs)}`),
    { decode: (given) => (given === 0 ? 0 : parseDurationMs(given)), encode: durationText },
  );
}

export const yesOrNo = z.codec(
  z.union([z.boolean(), z.enum(['true', 'false'])], 'must be true or false'),
  z.boolean(),
  { decode: (given) => given === true || given === 'true', encode: (value) => value },
);

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, `must be one of ${values.join(', ')}`);
}

/** A list of YAML, or a text with commas. */
export function listOf(item: z.ZodType<string, string>) {
  return z.codec(
    z.union([z.array(z.string()), z.string()], 'must be a list of texts'),
    z.array(item),
    {
      decode: (given) => (typeof given === 'string' ? splitList(given) : given),
      encode: (values) => values,
    },
  );
}

function splitList(given: string): string[] {
  return given.split(',').flatMap((part) => part.trim() || []);
}

/** An empty text stands for no value. */
export function optional<Kind extends z.ZodType>(kind: Kind) {
  const nothing = z.codec(z.literal(''), z.undefined(), {
    decode: () => undefined,
    encode: () => '' as const,
  });
  return z.union([nothing, kind]);
}

/** Five fields, or six with seconds first; node-cron's words such as @daily are no part of that. */
export const cron = text.refine(
  (given) => [5, 6].includes(given.trim().split(/\s+/).length) && isCron(given),
  'must be a cron expression: five fields, or six with seconds first',
);

export const port = count(0, 65_535);

/** What a browser sends as Origin. */
export const origin = text.refine(
  (given) => given === '*' || (URL.canParse(given) && new URL(given).origin === given),
  'must be an origin such as https://shop.example:8443, or *',
);
