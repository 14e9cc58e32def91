/** The example of docs/format/cursor.md is what is written and read. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCheckedFile, withChecksum } from '../../src/disk/checked-file.ts';
import { Cursor } from '../../src/forward/cursor.ts';
import { VolatileStorage } from '../disk/volatile-storage.ts';

const here = dirname(fileURLToPath(import.meta.url));
const page = readFileSync(join(here, '../../../docs/format/cursor.md'), 'utf8');
const [, example = ''] = /```example\n([^`]*)```/.exec(page) ?? [];

function contentOf(text: string) {
  const storage = new VolatileStorage();
  storage.put('/cursor', Buffer.from(text));
  return readCheckedFile(storage, '/cursor', 1_000);
}

it('cursor.md, the example: is what is written', () => {
  const cursor = new Cursor(0);
  cursor.addSignals(['traces', 'logs'], 76);
  for (const position of [77, 78, 80, 81]) cursor.begin('traces', position);
  for (const position of [78, 81]) cursor.end('traces', position);
  cursor.skip('logs', 81);
  assert.equal(withChecksum(cursor.toText()).toString(), example);
});

it('cursor.md, the example: is read as the page says', () => {
  const content = contentOf(example);
  const cursor = typeof content === 'string' ? undefined : Cursor.fromText(0, content.text);
  const needed = [76, 77, 78, 79, 80, 81, 82].filter((each) => cursor?.isNeeded('traces', each));
  assert.deepEqual(needed, [77, 80, 82]);
  assert.equal(cursor?.nextPosition(['logs']), 82);
});
