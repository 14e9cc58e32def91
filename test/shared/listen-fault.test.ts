/** A port that cannot be had is named with the remedy. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { listenFault } from '../../src/shared/listen-fault.ts';

it('listenFault: names the port, the reason and the option', () => {
  const fault = (code: string) => {
    return listenFault('http', '127.0.0.1', 80, Object.assign(new Error('no'), { code }));
  };
  assert.match(fault('EADDRINUSE'), /http\.port 80 on 127\.0\.0\.1 is in use.*--http-port/);
  assert.match(fault('EACCES'), /may not be used.*--http-port/);
  assert.match(fault('EADDRNOTAVAIL'), /cannot be opened: no.*--http-host/);
});
