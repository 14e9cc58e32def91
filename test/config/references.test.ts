/** References in the texts of a configuration file. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ReferenceFault,
  type ReferenceWorld,
  referencePattern,
  replaceReferences,
} from '../../src/config/references.ts';

const files: Readonly<Record<string, string>> = { '/token': 'abc\r\n', '/lines': 'a\nb\n\n' };

const world: ReferenceWorld = {
  environment: { HOST: 'h', EMPTY: '', NESTED: `\${env:HOST}` },
  readText: (path) => {
    const text = files[path];
    return text === undefined ? { ok: false, fault: 'does not exist' } : { ok: true, text };
  },
};

function replaced(value: unknown): { value: unknown; faults: ReferenceFault[] } {
  const faults: ReferenceFault[] = [];
  return { value: replaceReferences(value, world, faults), faults };
}

describe('references', () => {
  it('are replaced in all texts at every depth, and nothing else is changed', () => {
    const value = { a: [`http://\${env:HOST}:1/\${env:HOST}`, 5, null, true], b: { c: 'x' } };
    const expected = { a: ['http://h:1/h', 5, null, true], b: { c: 'x' } };
    assert.deepEqual(replaced(value), { value: expected, faults: [] });
  });

  it('the text of a file is used without its last line end', () => {
    assert.equal(replaced(`\${file:/token}`).value, 'abc');
    assert.equal(replaced(`\${file:/lines}`).value, 'a\nb\n');
  });

  it('an empty variable is a value, and references in a replacement stay', () => {
    assert.deepEqual(replaced(`a\${env:EMPTY}b`), { value: 'ab', faults: [] });
    assert.equal(replaced(`\${env:NESTED}`).value, `\${env:HOST}`);
  });

  it('a reference that cannot be replaced is a fault with its path', () => {
    const { faults } = replaced({ a: [{ b: `\${env:NO}, \${file:/no}, \${env:}` }] });
    assert.deepEqual(faults, [
      { path: ['a', 0, 'b'], message: `\${env:NO} is not set` },
      { path: ['a', 0, 'b'], message: `\${file:/no} does not exist` },
      { path: ['a', 0, 'b'], message: `\${env:} is not set` },
    ]);
  });

  it('other texts with a dollar sign stay as they are', () => {
    for (const text of ['$HOST', `\${HOST}`, '$5', `\${env`, `$\${x}`]) {
      assert.deepEqual(replaced(text), { value: text, faults: [] });
    }
  });

  it('referencePattern: matches references', () => {
    assert.ok(new RegExp(referencePattern).test(`a \${env:X}`));
    assert.ok(!new RegExp(referencePattern).test(`\${HOST}`));
  });
});
