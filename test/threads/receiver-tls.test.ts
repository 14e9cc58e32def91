/** The TLS files of the receivers: read, checked, and refused with one line. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodeStorage } from '../../src/disk/storage.ts';
import { type ReceiverTlsSettings, readReceiverTls } from '../../src/threads/receiver-tls.ts';

const folder = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));
const file = (name: string) => `${folder}${name}.pem`;
const text = (name: string) => readFileSync(file(name), 'utf8');

function read(certificate?: string, key?: string, clientAuthorities?: string) {
  const settings: ReceiverTlsSettings = {
    'tls.cert_file': certificate,
    'tls.key_file': key,
    'tls.client_ca_file': clientAuthorities,
  };
  return readReceiverTls(nodeStorage, settings);
}

describe('receiver-tls', () => {
  it('readReceiverTls: undefined if no file is set', () => {
    assert.equal(read(), undefined);
  });

  it('readReceiverTls: the text of each file', () => {
    const expected = { certificate: text('server'), key: text('server.key') };
    assert.deepEqual(read(file('server'), file('server.key')), {
      ...expected,
      clientAuthorities: undefined,
    });
    assert.deepEqual(read(file('server'), file('server.key'), file('authority')), {
      ...expected,
      clientAuthorities: text('authority'),
    });
  });

  it('readReceiverTls: throws for a missing file and names the setting', () => {
    assert.throws(() => read(file('none'), file('server.key')), /tls\.cert_file.*none\.pem/);
  });

  it('readReceiverTls: throws for a key of another certificate and names both files', () => {
    const reading = () => read(file('server'), file('client.key'));
    assert.throws(reading, /cert_file .*server\.pem, .*client\.key\.pem: the key does not belong/);
  });
});
