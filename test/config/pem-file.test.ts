/** Files of certificates and keys: what is read, and the errors for unusable files. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listenerPemFiles, pemProblems, readPemFile } from '../../src/config/pem-file.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';
import { messagesOf } from '../shared/messages.ts';

const newFolder = temporaryFolders();
const server = fileURLToPath(new URL('../../../fixtures/tls/server.pem', import.meta.url));

describe('readPemFile', () => {
  it('without a path: undefined', () => {
    assert.equal(readPemFile(nodeStorage, 'tls.cert_file', undefined), undefined);
  });

  it('a PEM file: its bytes', () => {
    const bytes = readPemFile(nodeStorage, 'tls.cert_file', server);
    assert.ok(bytes?.equals(readFileSync(server)));
  });

  it('a missing file, a file that is not PEM, a folder: one line with setting and path', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'der'), Buffer.from([0x30, 0x82]));
    mkdirSync(join(folder, 'sub'));
    for (const [name, why] of [
      ['missing', /there is no file/],
      ['der', /has no line that starts with/],
      ['sub', /cannot be read: EISDIR/],
    ] as const) {
      const path = join(folder, name);
      assert.throws(
        () => readPemFile(nodeStorage, 'tls.key_file', path),
        ({ message }: Error) => message.startsWith('tls.key_file: ') && why.test(message),
      );
    }
  });
});

it('listenerPemFiles: the paths that are set', () => {
  const pair = { 'tls.cert_file': 'a.pem', 'tls.key_file': 'b.pem' };
  assert.deepEqual(listenerPemFiles({ ...pair, 'tls.client_ca_file': undefined }), [
    'a.pem',
    'b.pem',
  ]);
  assert.deepEqual(listenerPemFiles({ ...pair, 'tls.client_ca_file': 'c' }), [
    'a.pem',
    'b.pem',
    'c',
  ]);
});

it('pemProblems: one line for each file of the receivers that cannot be used', () => {
  const keys = { 'tls.key_file': undefined, 'tls.client_ca_file': undefined };
  assert.deepEqual(pemProblems(nodeStorage, { ...keys, 'tls.cert_file': server }), []);
  const wrong = { 'tls.cert_file': '/nowhere/a', 'tls.key_file': '/nowhere/b' };
  assert.deepEqual(messagesOf(pemProblems(nodeStorage, { ...keys, ...wrong })), [
    'tls.cert_file: there is no file /nowhere/a. Name a file in PEM that the process can read.',
    'tls.key_file: there is no file /nowhere/b. Name a file in PEM that the process can read.',
  ]);
});
