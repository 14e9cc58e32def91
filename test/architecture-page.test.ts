/** docs/ARCHITECTURE.md agrees with the tree: folders, files, functions, and all links of the docs. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const page = readFileSync(join(root, 'docs', 'ARCHITECTURE.md'), 'utf8');

/** All folders below src/, with forward slashes. */
function sourceFolders(): string[] {
  const entries = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .map((folder) => folder.replaceAll('\\', '/'))
    .sort();
}

/**
 * The folders that the page lists. A line that starts with `src/` names a folder; an indented line
 * below it names its subfolders, up to two spaces or the end of the line.
 */
function listedFolders(): string[] {
  const block = /<!-- tree -->\n([\s\S]*?)<!-- \/tree -->/.exec(page)?.[1] ?? '';
  let parent = '';
  return block
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const names = (/^ {4,6}(\S+(?: \S+)*?)(?: {2}|$)/.exec(line)?.[1] ?? '').split(' ');
      if (!line.startsWith('      ')) parent = names[0] ?? '';
      return line.startsWith('      ') ? names.map((name) => `${parent}/${name}`) : names;
    })
    .sort();
}

describe('ARCHITECTURE.md', () => {
  it('its map lists every folder of src/, and no other', () => {
    assert.deepEqual(listedFolders(), sourceFolders());
  });

  it('each file of the path of a span has the function that is named beside it', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (src\/\S+) \|/gm)];
    assert.ok(rows.length > 20, `only ${rows.length} calls found`);
    const broken = rows
      .map(([, name = '', path = '']) => ({ name, path: join(root, path) }))
      .filter(({ name, path }) => {
        if (!existsSync(path)) return true;
        const definition = new RegExp(`(function\\*? |^  (?:async )?\\*?)${name}[(<]`, 'm');
        return !definition.test(readFileSync(path, 'utf8'));
      })
      .map(({ name, path }) => `${path} has no ${name}`);
    assert.deepEqual(broken, []);
  });
});

describe('docs: links', () => {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  for (const name of ['README.md', ...docs]) {
    it(`${name.replaceAll('\\', '/')}: each relative link leads to a file`, () => {
      const text = readFileSync(join(root, name), 'utf8');
      const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? '');
      const broken = links
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !existsSync(join(root, dirname(name), link)));
      assert.deepEqual(broken, []);
    });
  }
});
