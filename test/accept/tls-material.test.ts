/** Certificates, keys and client CAs as options of TLS servers, and which of them are refused. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type TlsMaterial, tlsFault, tlsOptions } from '../../src/accept/tls-material.ts';

const folder = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));
const pem = (name: string) => readFileSync(`${folder}${name}.pem`, 'utf8');
const pair: TlsMaterial = { certificate: pem('server'), key: pem('server.key') };

describe('tls-material', () => {
  it('tlsOptions: no client certificate is asked for without client authorities', () => {
    const { cert, key, ca, requestCert } = tlsOptions(pair);
    assert.deepEqual({ cert, key }, { cert: pair.certificate, key: pair.key });
    assert.deepEqual({ ca, requestCert }, { ca: undefined, requestCert: undefined });
  });

  it('tlsOptions: a client certificate is demanded with client authorities', () => {
    const options = tlsOptions({ ...pair, clientAuthorities: pem('authority') });
    assert.equal(options.ca, pem('authority'));
    assert.deepEqual([options.requestCert, options.rejectUnauthorized], [true, true]);
  });

  it('tlsFault: undefined for a certificate with its key', () => {
    assert.equal(tlsFault(pair), undefined);
    assert.equal(tlsFault({ ...pair, clientAuthorities: pem('authority') }), undefined);
  });

  it('tlsFault: names a key that belongs to another certificate', () => {
    const fault = tlsFault({ ...pair, key: pem('client.key') });
    assert.equal(fault, 'the key does not belong to the certificate');
  });

  it('tlsFault: names a certificate, a key or an authority that is damaged', () => {
    const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const damagedKey = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    assert.match(tlsFault({ ...pair, certificate: damaged }) ?? '', /./);
    assert.match(tlsFault({ ...pair, key: damagedKey }) ?? '', /./);
    assert.match(
      tlsFault({ ...pair, clientAuthorities: damaged }) ?? '',
      /client CA has a damaged/,
    );
    assert.match(tlsFault({ ...pair, clientAuthorities: '-----BEGIN ' }) ?? '', /no certificate/);
  });
});
