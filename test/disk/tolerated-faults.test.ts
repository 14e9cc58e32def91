/** Shows which faults are reported and which are not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ifThere, succeeds } from '../../src/disk/tolerated-faults.ts';
import { diskError } from './fault-storage.ts';

function failing(code: string): () => never {
  return () => {
    throw diskError(code);
  };
}

describe('tolerated faults', () => {
  it('succeeds: says whether it did', () => {
    assert.deepEqual([succeeds(() => {}), succeeds(failing('EIO'))], [true, false]);
  });

  it('ifThere: gives what was found, and nothing for what is gone', () => {
    assert.equal(
      ifThere(() => 7),
      7,
    );
    assert.equal(ifThere(failing('ENOENT')), undefined);
    assert.equal(ifThere(failing('ENOTDIR')), undefined);
  });

  it('ifThere: any other fault goes on as it came', () => {
    assert.throws(() => ifThere(failing('EIO')), { code: 'EIO' });
  });
});
