/** The README's table of settings is that of the schema; UPDATE=1 writes it again. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { defaultText, settingsTable } from '../../src/config/settings-table.ts';

const readme = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'README.md');
const between = /(<!-- settings: .* -->\n)([\s\S]*)(<!-- \/settings -->)/;

it('settingsTable: is the table in the README', () => {
  const page = readFileSync(readme, 'utf8');
  const expected = page.replace(between, (_all, open, _table, close) => {
    return `${open}${settingsTable()}\n${close}`;
  });
  if (process.env['UPDATE'] === '1') writeFileSync(readme, expected);
  assert.ok(between.test(page), 'the README has no place for the table');
  assert.equal(readFileSync(readme, 'utf8'), expected);
});

it('defaultText: marks what is empty', () => {
  assert.deepEqual(['5s', '', []].map(defaultText), ['5s', '(none)', '[]']);
});
