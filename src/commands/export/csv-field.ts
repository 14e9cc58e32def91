/**
 * The text of a value in a CSV file, and of what lies in it as JSON.
 *
 * NULL is an empty field and the empty text is `""`. Times are RFC 3339, doubles the shortest
 * digits that read back equal, bytes base64. Columns of JSON are that text, lists are JSON:
 * integers in them are digits, times text, doubles that JSON does not know text too.
 */
import type { ArrowField } from '../../disk/ipc/arrow-schema.ts';
import { formatTime } from '../terminal/format.ts';

/** The text of a JSON column, so that a list holds it as it is. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function rawJson(text: string): RawJson {
  return new RawJson(text);
}

/** What the field's text must not hold without quotes around it. */
const special = /[",\r\n]/;

export function csvField(field: ArrowField, value: unknown): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? value : plainText(field, value);
  if (text !== '' && !special.test(text)) return text;
  return `"${text.replaceAll('"', '""')}"`;
}

function plainText(field: ArrowField, value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (field.type === 'timestamp(ns)') return formatTime(value as bigint);
  if (field.shape === 'list') return jsonText(field, value);
  return typeof value === 'number' ? numberText(value) : String(value);
}

/** JSON.stringify knows neither bigint nor -0, and would round nothing but write what it rounds. */
function jsonText(field: ArrowField, value: unknown): string {
  if (value === null) return 'null';
  if (field.shape === 'list') {
    const [item] = field.children;
    return `[${(value as unknown[]).map((one) => jsonText(item!, one)).join(',')}]`;
  }
  if (field.shape === 'struct') {
    const members = field.children.map((child) => {
      const text = jsonText(child, (value as Record<string, unknown>)[child.name]);
      return `${JSON.stringify(child.name)}:${text}`;
    });
    return `{${members.join(',')}}`;
  }
  if (value instanceof RawJson) return value.text;
  const isText = typeof value === 'string' || field.type === 'timestamp(ns)';
  if (isText || (typeof value === 'number' && !Number.isFinite(value))) {
    return JSON.stringify(typeof value === 'string' ? value : plainText(field, value));
  }
  return plainText(field, value);
}

/** Infinity and NaN by these names. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
