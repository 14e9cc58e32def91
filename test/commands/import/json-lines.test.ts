/** Tests that requests in JSON are found in lines, over lines, and beside damage. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readJsonLines } from '../../../src/commands/import/json-lines.ts';
import { readerOf } from './byte-stream.ts';

const good = '{"resourceSpans":[]}';

/** The parts as `line: text`, with line feeds as `|`. */
async function partsOf(text: string): Promise<string[]> {
  const parts: string[] = [];
  for await (const part of readJsonLines(readerOf(text, 11))) {
    const shown = part.kind === 'skipped' ? `skipped, ${part.reason}` : String(part.bytes);
    const isOpen = part.kind === 'message' && part.isOpenEnded;
    parts.push(`${part.line}: ${shown.replaceAll('\n', '|')}${isOpen ? ' (open)' : ''}`);
  }
  return parts;
}

describe('json-lines', () => {
  it('one object in each line', async () => {
    assert.deepEqual(await partsOf(`${good}\n\n${good}\r\n{}`), [
      `1: ${good}`,
      `3: ${good}\r`,
      '4: {} (open)',
    ]);
  });

  it('pretty-printed objects, one behind the other and beside lines', async () => {
    const pretty = JSON.stringify({ resourceLogs: [{ scopeLogs: [{}, { a: '}' }] }] }, null, 2);
    const lineCount = pretty.split('\n').length;
    const shown = pretty.replaceAll('\n', '|');
    assert.deepEqual(await partsOf(`${pretty}\n${pretty}\n${good}\n`), [
      `1: ${shown}`,
      `${1 + lineCount}: ${shown}`,
      `${1 + 2 * lineCount}: ${good}`,
    ]);
  });

  it('an object in the lines of an array, without indentation', async () => {
    const text = '{"resourceSpans":[\n{"a":1},\n{"b":2}\n]}';
    assert.deepEqual(await partsOf(`${text}\n`), [`1: ${text.replaceAll('\n', '|')}`]);
  });

  it('a torn line costs only itself, wherever it is cut', async () => {
    const whole = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}';
    for (let cut = 1; cut < whole.length; cut++) {
      const head = await partsOf(`${whole.slice(0, cut)}\n${good}\n${good}\n`);
      assert.deepEqual(head, [`1: ${whole.slice(0, cut)}`, `2: ${good}`, `3: ${good}`]);
      const tail = (await partsOf(`${whole.slice(cut)}\n${good}\n`)).at(-1);
      assert.equal(tail, `2: ${good}`, `cut at ${cut}`);
    }
  });

  it('zero bytes are named, and what follows them is read', async () => {
    assert.deepEqual(await partsOf(`${'\0'.repeat(50)}${good}\n\0\0${good}\n`), [
      '1: skipped, 50 zero bytes, as a truncation of an open file leaves them',
      `1: ${good}`,
      '2: skipped, 2 zero bytes, as a truncation of an open file leaves them',
      `2: ${good}`,
    ]);
  });

  it('an object without its end is open', async () => {
    assert.deepEqual(await partsOf('{\n  "resourceSpans": ['), [
      '1: {|  "resourceSpans": [ (open)',
    ]);
  });
});
