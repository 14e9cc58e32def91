import assert from 'node:assert/strict';
import { it } from 'node:test';
import { recorderErrors } from '../../../src/shared/errors/recorder-errors.ts';
import { problem } from '../../../src/shared/errors.ts';

it('recorder errors: a listener that cannot be opened is named by its option', () => {
  const facts = { listener: 'http', host: '127.0.0.1', port: 4318 };
  assert.equal(
    problem('ERR_ARCHER_PORT_IN_USE', facts).message,
    'http.port 4318 on 127.0.0.1 is in use. ' +
      'Stop the program that uses it, or choose another port with --http-port.',
  );
  assert.equal(recorderErrors.ERR_ARCHER_PORT_NOT_PERMITTED.retry, false);
});
