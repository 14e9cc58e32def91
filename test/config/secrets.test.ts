/** Which values are secrets. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { hidden, isSecret } from '../../src/config/secrets.ts';
import { settingKeys } from '../../src/config/settings.ts';

it('isSecret: true for tokens and passwords, false for names and paths', () => {
  const secrets = settingKeys.filter((key) => isSecret(key, [], 'x'));
  assert.deepEqual(secrets, ['auth.bearer_tokens', 'auth.basic', 'dashboard.bearer_token']);
  for (const path of [
    ['headers', 'x-team'],
    ['auth', 'token'],
    ['auth', 'password'],
    ['auth', 'value'],
  ]) {
    assert.ok(isSecret('forwarding', [0, ...path], 'x'), path.join());
  }
  for (const path of [['auth', 'username'], ['auth', 'type'], ['tls', 'key_file'], ['name']]) {
    assert.ok(!isSecret('forwarding', [12, ...path], 'x'), path.join());
  }
});

it('isSecret: true for a URL with a password, in every setting', () => {
  assert.ok(isSecret('http.host', [], 'https://me:hush@host/'));
  assert.ok(!isSecret('http.host', [], 'https://host/a@b'));
  assert.equal(hidden, '***');
});
