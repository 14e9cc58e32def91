/** JSON texts as rows of a column, and what is written for one of them. */
import { JsonText } from '../../../src/columns/rebuild/text/json-text.ts';
import { WireWriter } from '../../../src/columns/rebuild/wire/wire-writer.ts';
import { columnsOf, texts } from './columns-of.ts';

/** The first row's text; the other rows follow it. */
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
