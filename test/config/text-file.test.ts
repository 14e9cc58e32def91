/** Reading small text files, and the faults of unreadable files. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { readTextFile } from '../../src/config/text-file.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { temporaryFolder } from './loading.ts';

it('readTextFile: the text, without a byte order mark', () => {
  const path = join(temporaryFolder(), 'a');
  writeFileSync(path, '\ufeffgrüße');
  assert.deepEqual(readTextFile(nodeStorage, path, 100), { ok: true, text: 'grüße' });
});

it('readTextFile: a file as large as the limit is read, a larger one is not', () => {
  const path = join(temporaryFolder(), 'a');
  writeFileSync(path, 'x'.repeat(1024));
  assert.equal(readTextFile(nodeStorage, path, 1024)?.ok, true);
  assert.deepEqual(readTextFile(nodeStorage, path, 1023), {
    ok: false,
    fault: 'is larger than 1023',
  });
});

it('readTextFile: undefined for a missing file, a fault for a binary file', () => {
  const folder = temporaryFolder();
  assert.equal(readTextFile(nodeStorage, join(folder, 'no'), 100), undefined);
  const found = readTextFile(nodeStorage, folder, 100);
  assert.ok(found?.ok === false && /^cannot be read: EISDIR/.test(found.fault));
  writeFileSync(join(folder, 'b'), Uint8Array.of(0xc3, 0x28));
  const binary = readTextFile(nodeStorage, join(folder, 'b'), 100);
  assert.deepEqual(binary, { ok: false, fault: 'is not UTF-8 text' });
});
