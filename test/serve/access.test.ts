/** Which requests the dashboard port allows. */
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
  it('refuseAccess: allows localhost, dashboard.host and allowed hosts, in any case', () => {
    const hosts = ['localhost', 'LOCALHOST:8080', 'RECORDER.lan:1', 'traces.EXAMPLE'];
    for (const host of hosts) assert.equal(codeOf({ host }), undefined, host);
  });

  it('refuseAccess: allows every IP address, and an empty or missing Host', () => {
    const hosts = ['127.0.0.1:8080', '127.8.9.1', '[::1]:8080', '10.1.2.3:8080', '[fe80::1]', ''];
    for (const host of [...hosts, undefined]) {
      assert.equal(codeOf({ host }), undefined, String(host));
    }
  });

  it('refuseAccess: refuses any other or malformed Host', () => {
    const hosts = ['evil.example', 'localhost.evil.example', 'a:b:c', '127.0.0.1.x', '[evil]'];
    for (const host of hosts) {
      assert.equal(codeOf({ host }), 'ERR_ARCHER_HOST_NOT_ALLOWED', host);
    }
  });

  it('refuseAccess: allows any Host if allowed_hosts has *', () => {
    const anyHost = { allowedHosts: ['*'] };
    for (const host of ['evil.example', 'a:b:c'])
      assert.equal(codeOf({ host }, anyHost), undefined);
  });

  it('refuseAccess: GET /health is allowed for any Host and without a token', () => {
    const rules = { bearerToken: 's3cret' };
    assert.equal(codeOf({ path: '/health', host: 'evil.example' }, rules), undefined);
    const post = { method: 'POST', path: '/health', host: 'evil.example' };
    assert.equal(codeOf(post, rules), 'ERR_ARCHER_HOST_NOT_ALLOWED');
  });

  it('refuseAccess: a POST of a page must come from the recorder or a known name', () => {
    const refused = 'ERR_ARCHER_ORIGIN_NOT_ALLOWED';
    const code = (origin: string | undefined, host = 'localhost:8080', changed = {}) =>
      codeOf({ method: 'POST', host, origin }, changed);
    assert.equal(code(undefined), undefined);
    assert.equal(code('http://localhost:3000'), undefined);
    assert.equal(code('http://10.1.2.3:8080', '10.1.2.3:8080'), undefined);
    assert.equal(code('https://evil.example'), refused);
    assert.equal(code('http://10.9.9.9', '10.1.2.3:8080'), refused);
    assert.equal(code('null'), refused);
    assert.equal(code('https://evil.example', 'my.host', { allowedHosts: ['*'] }), refused);
    assert.equal(codeOf({ method: 'GET', origin: 'https://evil.example' }), undefined);
  });

  it('refuseAccess: every path except /health needs the token', () => {
    const secret = { bearerToken: 's3cret' };
    assert.equal(codeOf({ path: '/health' }, secret), undefined);
    assert.equal(codeOf({}, secret), 'ERR_ARCHER_TOKEN_REQUIRED');
    assert.equal(codeOf({ authorization: 'Bearer wrong' }, secret), 'ERR_ARCHER_TOKEN_REQUIRED');
    assert.equal(codeOf({ authorization: 's3cret' }, secret), 'ERR_ARCHER_TOKEN_REQUIRED');
    assert.equal(codeOf({ authorization: 'bearer s3cret' }, secret), undefined);
  });
});
