/** Tests how faults look in each language. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  exceptionType,
  Fault,
  faultCodes,
  languages,
  stackTrace,
} from '../../../src/commands/generate/fault.ts';

const fault = new Fault('CardDeclined', 'insufficient funds', faultCodes.paymentRequired);

describe('fault', () => {
  it('stackTrace: names type, message and every function in each language', () => {
    for (const language of languages) {
      const lines = stackTrace(language, 'payment', fault, ['assess fraud', 'POST /charge']);
      assert.ok(lines.includes(exceptionType(language, 'payment', 'CardDeclined')), lines);
      assert.ok(lines.includes('insufficient funds'), lines);
      assert.ok(lines.includes('assessFraud') && lines.includes('postCharge'), lines);
    }
  });

  it('stackTrace: Python ends with the exception, the others begin with it', () => {
    const python = stackTrace('python', 'email', fault, ['inner', 'outer']).split('\n');
    assert.match(python.at(-1) ?? '', /CardDeclined/);
    assert.match(python.at(-2) ?? '', /inner/);
    const java = stackTrace('java', 'payment', fault, ['inner', 'outer']).split('\n');
    assert.match(java[0] ?? '', /CardDeclined/);
    assert.match(java[1] ?? '', /inner/);
  });

  it('exceptionType: follows the habits of the language', () => {
    assert.equal(exceptionType('java', 'payment', 'A'), 'com.example.payment.AException');
    assert.equal(exceptionType('go', 'checkout', 'A'), '*checkout.AError');
  });
});
