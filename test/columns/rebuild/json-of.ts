/** JSON texts as a column's row, and what is written of one. */
import { JsonText } from '../../../src/columns/rebuild/text/json-text.ts';
import { WireWriter } from '../../../src/columns/rebuild/wire/wire-writer.ts';
import { columnsOf, texts } from './columns-of.ts';

/** The first row's text; the others lie behind it. */
export function jsonOf(...rows: readonly (string | Uint8Array)[]): JsonText {
  const json = new JsonText();
  json.startAt(columnsOf(rows.length, { json: texts(...rows) }).texts('json'), 0);
  return json;
}

export function writtenJson(
  text: string | JsonText,
  write: (out: WireWriter, json: JsonText) => void,
): Buffer {
  const out = new WireWriter();
  write(out, text instanceof JsonText ? text : jsonOf(text));
  return Buffer.from(out.content());
}
