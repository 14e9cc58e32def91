/** Certificates of a PEM file: which files are refused. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { certificatesFault } from '../../src/shared/pem-certificates.ts';

const folder = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));
const authority = readFileSync(`${folder}authority.pem`, 'utf8');
const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

it('certificatesFault: undefined if all certificates can be used', () => {
  assert.equal(certificatesFault(authority), undefined);
  assert.equal(certificatesFault(`${authority}\n${authority}`), undefined);
});

it('certificatesFault: no certificate, or one that is damaged', () => {
  assert.equal(certificatesFault('-----BEGIN '), 'has no certificate');
  assert.match(certificatesFault(authority + damaged) ?? '', /^has a damaged certificate \(/);
});
