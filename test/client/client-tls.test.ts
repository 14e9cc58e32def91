/** TLS files of a client: which files are refused. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clientTlsFault } from '../../src/client/client-tls.ts';

const folder = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));
const pem = (name: string) => readFileSync(`${folder}${name}.pem`);
const pair = { certificate: pem('client'), key: pem('client.key') };

it('clientTlsFault: undefined for no files, for authorities, and for a certificate with its key', () => {
  for (const tls of [{}, { authorities: pem('authority') }, pair]) {
    assert.equal(clientTlsFault(tls), undefined);
  }
});

it('clientTlsFault: names a key of another certificate, and damaged files', () => {
  const fault = clientTlsFault({ ...pair, key: pem('server.key') });
  assert.equal(fault, 'the key does not belong to the certificate');
  const damaged = Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  assert.match(clientTlsFault({ authorities: damaged }) ?? '', /authorities has a damaged/);
  assert.match(clientTlsFault({ ...pair, certificate: damaged }) ?? '', /./);
});
