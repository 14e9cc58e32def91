/** Authorization headers that allow a sender, and those that do not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openAuthorisation } from '../../src/accept/credentials.ts';

const known = { bearerTokens: ['first', 'second'], basic: ['shop:se:cret'] };

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

describe('openAuthorisation', () => {
  const authorise = openAuthorisation(known)!;

  it('no credentials set: undefined', () => {
    assert.equal(openAuthorisation({ bearerTokens: [], basic: [] }), undefined);
  });

  it('each known token and pair is accepted, with the scheme in any case', () => {
    const unpadded = basic('shop:se:cret').replaceAll('=', '');
    const headers = ['Bearer first', 'bearer second', 'BEARER  first', basic('shop:se:cret')];
    for (const header of [...headers, unpadded]) assert.equal(authorise(header), true, header);
  });

  it('anything else is refused', () => {
    const wrong = ['', 'Bearer', 'Bearer ', 'Bearer First', 'Bearer firs', 'first', 'Basic first'];
    const pairs = [basic('shop:secret'), basic('shop'), basic(''), 'Bearer shop:se:cret'];
    for (const header of [undefined, ...wrong, ...pairs]) {
      assert.equal(authorise(header), false, header);
    }
  });
});
