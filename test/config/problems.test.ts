/** One line for each problem with a value. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Given } from '../../src/config/given.ts';
import { pathText } from '../../src/config/given.ts';
import { referenceProblems, valueProblems, wording } from '../../src/config/problems.ts';
import { type SettingKey, settings } from '../../src/config/settings.ts';
import { messagesOf } from '../shared/messages.ts';

function given(key: SettingKey, value: unknown): Given {
  const place = (path: readonly PropertyKey[]) => pathText([key, ...path]);
  return { value, source: 'test', origin: 'test', hasReferences: false, place };
}

function problemsOf(key: SettingKey, value: unknown): string[] {
  const { error } = settings[key].schema.safeParse(value, { error: wording });
  assert.ok(error !== undefined, 'the value is valid');
  return messagesOf(valueProblems(key, given(key, value), error));
}

describe('problems', () => {
  it('valueProblems: place, value and problem', () => {
    assert.deepEqual(problemsOf('http.port', 'x'), ['http.port: "x" must be a whole number']);
    assert.deepEqual(problemsOf('http.port', 70000), ['http.port: 70000 must be at most 65535']);
    assert.deepEqual(problemsOf('http.host', 5), [
      'http.host: 5 must be text, in quotes if it looks like something else',
    ]);
  });

  it('valueProblems: maps, lists and long texts are not repeated', () => {
    assert.deepEqual(problemsOf('http.port', { a: 1 }), ['http.port: must be a whole number']);
    const [problem = ''] = problemsOf('compression', 'x'.repeat(1000));
    assert.ok(problem.length < 150, problem);
    assert.equal(problemsOf('compression', 'a\nb')[0]?.includes('\n'), false);
  });

  it('valueProblems: each issue has its line, and a union the lines of its longest form', () => {
    const destination = { name: 5, endpoint: 'https://x', auth: { type: 'basic', username: '' } };
    assert.deepEqual(problemsOf('forwarding', [destination, 5]), [
      'forwarding[0].name: 5 must be text, in quotes if it looks like something else',
      'forwarding[0].auth.username: "" must not be empty',
      'forwarding[0].auth.password: is missing',
      'forwarding[1]: 5 must be settings of its own',
    ]);
  });

  it('valueProblems: a value without its reference is reported once, by the reference', () => {
    const value = [{ name: 'a', endpoint: '' }];
    const { error } = settings.forwarding.schema.safeParse(value, { error: wording });
    const fault = { path: [0, 'endpoint'], message: `\${env:X} is not set` };
    const of = given('forwarding', [{ name: 'a', endpoint: `\${env:X}` }]);
    assert.deepEqual(valueProblems('forwarding', of, error!, [fault]), []);
    const message = `forwarding[0].endpoint: \${env:X} is not set`;
    assert.deepEqual(referenceProblems(of, [fault]), [
      { code: 'ERR_ARCHER_REFERENCE_UNRESOLVED', message },
    ]);
  });
});
