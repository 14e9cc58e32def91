/** The table of errors, its page and the code that uses it agree. UPDATE=1 writes the page. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { errorChapters } from '../../src/shared/errors.ts';
import { errorsPage } from './errors-page.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const pagePath = join(root, 'docs', 'errors.md');

const between = /(<!-- errors: .* -->\n)([\s\S]*)(<!-- \/errors -->)/;

/** The text of all sources except the table. */
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/^shared[/\\]errors[/\\]/.test(name))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
  .join('\n');

const codes = Object.values(errorChapters).flatMap((entries) => Object.keys(entries));
const usedCodes = new Set(sources.match(/\bERR_ARCHER_\w+/g));

describe('errors page', () => {
  it('is written from the table (UPDATE=1 writes it)', () => {
    const page = readFileSync(pagePath, 'utf8');
    assert.match(page, between, 'the page has no place for the table');
    const expected = page.replace(between, (_all, open, _part, close) => {
      return `${open}\n${errorsPage()}\n\n${close}`;
    });
    if (process.env['UPDATE'] === '1') writeFileSync(pagePath, expected);
    assert.equal(readFileSync(pagePath, 'utf8'), expected);
  });

  it('the table has no code that no source uses', () => {
    assert.deepEqual(
      codes.filter((code) => !usedCodes.has(code)),
      [],
    );
  });

  it('the sources use no code that the table does not have', () => {
    assert.deepEqual(
      [...usedCodes].filter((code) => !codes.includes(code)),
      [],
    );
  });
});
