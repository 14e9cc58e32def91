/** Who may ask the dashboard port. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AccessRequest, type AccessRules, refuseAccess } from '../../src/serve/access.ts';

const rules: AccessRules = {
  host: 'recorder.lan',
  allowedHosts: ['Traces.example'],
  bearerToken: undefined,
};

function codeOf(request: Partial<AccessRequest>, changed: Partial<AccessRules> = {}) {
  const whole: AccessRequest = {
    method: 'GET',
    path: '/metrics',
    host: 'localhost:8080',
    origin: undefined,
    authorization: undefined,
    ...request,
  };
  return refuseAccess({ ...rules, ...changed }, whole)?.problem.code;
}

describe('access', () => {
  it('refuseAccess: answers loopback, its own and allowed hosts, in any case', () => {
    const hosts = ['localhost', '127.0.0.1:8080', '127.8.9.1', '[::1]:8080', 'RECORDER.lan:1'];
    for (const host of [...hosts, 'traces.EXAMPLE'])
      assert.equal(codeOf({ host }), undefined, host);
  });

  it('refuseAccess: any other Host is foreign, a missing or malformed one too', () => {
    const hosts = ['evil.example', 'localhost.evil.example', '', undefined, 'a:b:c', '127.0.0.1.x'];
    for (const host of hosts)
      assert.equal(codeOf({ host }), 'ERR_ARCHER_HOST_NOT_ALLOWED', String(host));
  });

  it('refuseAccess: a POST of a page must come from an allowed host', () => {
    const method = 'POST';
    assert.equal(codeOf({ method }), undefined);
    assert.equal(codeOf({ method, origin: 'http://localhost:3000' }), undefined);
    assert.equal(
      codeOf({ method, origin: 'https://evil.example' }),
      'ERR_ARCHER_ORIGIN_NOT_ALLOWED',
    );
    assert.equal(codeOf({ method, origin: 'null' }), 'ERR_ARCHER_ORIGIN_NOT_ALLOWED');
    assert.equal(codeOf({ method: 'GET', origin: 'https://evil.example' }), undefined);
  });

  it('refuseAccess: the token is demanded of all but /health', () => {
    const secret = { bearerToken: 's3cret' };
    assert.equal(codeOf({ path: '/health' }, secret), undefined);
    assert.equal(codeOf({}, secret), 'ERR_ARCHER_TOKEN_REQUIRED');
    assert.equal(codeOf({ authorization: 'Bearer wrong' }, secret), 'ERR_ARCHER_TOKEN_REQUIRED');
    assert.equal(codeOf({ authorization: 's3cret' }, secret), 'ERR_ARCHER_TOKEN_REQUIRED');
    assert.equal(codeOf({ authorization: 'bearer s3cret' }, secret), undefined);
  });
});
