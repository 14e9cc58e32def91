/** The error for a port that cannot be opened names the port and the remedy. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { listenProblem } from '../../src/shared/listen-problem.ts';

it('listenProblem: has a code for each cause, and names the port, the reason and the option', () => {
  const found = (code: string) => {
    return listenProblem('http', '127.0.0.1', 80, Object.assign(new Error('no'), { code }));
  };
  const inUse = found('EADDRINUSE');
  assert.equal(inUse.code, 'ERR_ARCHER_PORT_IN_USE');
  assert.match(inUse.message, /^http\.port 80 on 127\.0\.0\.1 is in use\. .*--http-port/);
  assert.equal(found('EACCES').code, 'ERR_ARCHER_PORT_NOT_PERMITTED');
  const other = found('EADDRNOTAVAIL');
  assert.equal(other.code, 'ERR_ARCHER_LISTEN_FAILED');
  assert.match(other.message, /cannot be opened: no\. .*--http-host/);
});
