/** Shows that a checked file is read exactly as it was written, or reported as damaged. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCheckedFile, withChecksum, writeCheckedFile } from '../../src/disk/checked-file.ts';
import { seededRandom } from '../random.ts';
import { VolatileStorage } from './volatile-storage.ts';

const path = '/checked';
const text = '{"name":"päy"}\n[1,2]\n';

function fileOf(bytes: Uint8Array): VolatileStorage {
  const storage = new VolatileStorage();
  storage.put(path, bytes);
  return storage;
}

describe('checked file', () => {
  it('a text that was written: is read back', () => {
    for (const each of [text, '\n', '', `${'x'.repeat(100_000)}\n`]) {
      const storage = new VolatileStorage();
      writeCheckedFile(storage, path, each);
      assert.deepEqual(readCheckedFile(storage, path, 1_000_000), { text: each });
    }
  });

  it('the bytes: are the text and a line with its CRC-32', () => {
    assert.equal(withChecksum('123456789').toString(), '123456789crc32 cbf43926\n');
  });

  it('a checksum without the word before it, as older cursors have: is read', () => {
    const old = Buffer.from(withChecksum(text).toString().replace('crc32 ', ''));
    assert.deepEqual(readCheckedFile(fileOf(old), path, 1_000), { text });
  });

  it('no file: is absent', () => {
    assert.equal(readCheckedFile(new VolatileStorage(), path, 1_000), 'absent');
  });

  it('a file above the limit: is damaged', () => {
    const bytes = withChecksum(text);
    assert.deepEqual(readCheckedFile(fileOf(bytes), path, bytes.byteLength), { text });
    assert.equal(readCheckedFile(fileOf(bytes), path, bytes.byteLength - 1), 'damaged');
  });

  it('cut at every byte, or with a byte behind it: is damaged', () => {
    const bytes = withChecksum(text);
    for (let length = 0; length < bytes.byteLength; length++) {
      const storage = fileOf(bytes.subarray(0, length));
      assert.equal(readCheckedFile(storage, path, 1_000), 'damaged', `${length} bytes`);
    }
    for (const tail of ['\n', ' ', '\0', 'crc32 00000000\n']) {
      const storage = fileOf(Buffer.concat([bytes, Buffer.from(tail)]));
      assert.equal(readCheckedFile(storage, path, 1_000), 'damaged', JSON.stringify(tail));
    }
  });

  it('any byte changed: is damaged', () => {
    const random = seededRandom();
    const bytes = withChecksum(text);
    for (let index = 0; index < bytes.byteLength; index++) {
      for (const flip of [1, 32, 1 + random.below(255)]) {
        const changed = Buffer.from(bytes);
        changed[index]! ^= flip;
        const content = readCheckedFile(fileOf(changed), path, 1_000);
        assert.equal(content, 'damaged', `byte ${index} ^ ${flip}`);
      }
    }
  });
});
