/** The kinds of values: read from YAML and text, and written again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import {
  count,
  cron,
  decimal,
  duration,
  durationMsMax,
  listOf,
  nonEmptyText,
  oneOf,
  optional,
  origin,
  port,
  size,
  text,
  yesOrNo,
} from '../../src/config/value-kinds.ts';

/** Checks pairs of a given value and the value that is read. */
function reads(schema: z.ZodType, ...pairs: readonly (readonly [unknown, unknown])[]): void {
  for (const [given, expected] of pairs) {
    const value = schema.parse(given);
    assert.deepEqual(value, expected, JSON.stringify(given));
    assert.deepEqual(schema.parse(z.encode(schema, value)), expected, 'written and read back');
  }
}

function refuses(schema: z.ZodType, message: RegExp, ...values: readonly unknown[]): void {
  for (const value of values) {
    const { error } = schema.safeParse(value);
    assert.ok(error !== undefined, `it accepts ${JSON.stringify(value)}`);
    assert.match(error.issues[0]?.message ?? '', message, JSON.stringify(value));
  }
}

describe('value kinds', () => {
  it('count: whole numbers within bounds', () => {
    reads(count(1, 9), [1, 1], ['9', 9]);
    refuses(count(1, 9), /whole number/, 1.5, '1.5', '', '-1', ' 5', '1e0', true, null, [1], {});
    refuses(count(1, 9), /at least 1/, 0, '0');
    refuses(count(1, 9), /at most 9/, 10, '10');
    reads(port, [0, 0], ['65535', 65535]);
  });

  it('decimal: numbers within bounds', () => {
    reads(decimal(0.5, 2), [0.5, 0.5], ['1.25', 1.25], ['2', 2]);
    refuses(decimal(0.5, 2), /must be a number/, '.5', 'x', '1e0', Number.NaN, true);
    refuses(decimal(0.5, 2), /at least 0.5/, 0, '0.1');
    refuses(decimal(0.5, 2), /at most 2/, 3, Number.MAX_VALUE);
  });

  it('size: bytes, or a number and its unit', () => {
    reads(size(1, 2048), [5, 5], ['5', 5], ['2KiB', 2048], ['1.5 KB', 1500]);
    refuses(size(1, 2048), /KiB, MiB, GiB/, '5 B', 1.5, 'x', true);
    refuses(size(1024, 2048), /at least 1KiB/, 5, '5', -5);
    refuses(size(1, 2048), /at most 2KiB/, '1MiB', 4096);
  });

  it('duration: a number and its unit, or 0', () => {
    reads(duration(0, 5000), [0, 0], ['0', 0], ['5s', 5000], ['1.5 s', 1500]);
    refuses(duration(0, 5000), /needs a unit/, 5, '5', '', '5y', true);
    refuses(duration(1, 5000), /at least 1ms/, 0, '0', '0s');
    refuses(duration(1, durationMsMax), /at most 36600d/, '99999d');
  });

  it('yesOrNo: true and false, no other words', () => {
    reads(yesOrNo, [true, true], ['false', false]);
    refuses(yesOrNo, /true or false/, 'yes', 1, '', null);
  });

  it('text, oneOf: no values that YAML reads as another type', () => {
    reads(text, ['', ''], ['5', '5']);
    refuses(nonEmptyText, /must not be empty/, '');
    refuses(text, /must be text/, 5, true, null, ['a']);
    reads(oneOf(['a', 'b']), ['b', 'b']);
    refuses(oneOf(['a', 'b']), /one of a, b/, 'c', 5);
  });

  it('listOf: a list, or a text with commas', () => {
    reads(listOf(nonEmptyText), [[], []], ['', []], ['a, b,,', ['a', 'b']], [['a,b'], ['a,b']]);
    refuses(listOf(nonEmptyText), /list of texts/, 5, [5], {});
    refuses(listOf(nonEmptyText), /must not be empty/, ['']);
  });

  it('optional: an empty text is undefined', () => {
    reads(optional(duration(0, 5000)), ['', undefined], ['1s', 1000], [0, 0]);
    assert.ok(!optional(duration(0, 5000)).safeParse('5').success);
  });

  it('cron: five fields, or six with seconds first', () => {
    reads(cron, ['* * * * *', '* * * * *'], ['*/5 0 0 * JAN MON', '*/5 0 0 * JAN MON']);
    refuses(cron, /cron expression/, '', '@daily', '* * * *', '* * * * * * *', '61 * * * *', 'x');
  });

  it('origin: as browsers send it', () => {
    reads(origin, ['*', '*'], ['https://a.example:8443', 'https://a.example:8443']);
    refuses(origin, /must be an origin/, 'https://a/', 'a.example', 'https://A.example', '');
  });
});
