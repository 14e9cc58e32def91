import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalRequest } from '../../canonical-request.ts';
import {
  type Bytes,
  field,
  join,
  message,
  noBytes,
  stringAttribute,
  varintField,
} from '../../wire-writer.ts';
import { RebuildHarness } from '../rebuild-harness.ts';

const harness = new RebuildHarness('logs');
const unknown = (value: number) => varintField(1000, value);
const record = (text: string) => message(2, field(3, text));
const emptyResourceGroup = message(1, message(1, field(1, stringAttribute('a', 'b'))));
const emptyScopeGroup = message(2, message(1, field(1, 'empty')));

const requests: Record<string, Bytes> = {
  'groups without resource and scope': message(1, message(2, record('a'))),
  'an empty resource and an empty scope': message(
    1,
    field(1, noBytes),
    message(2, field(1, noBytes), record('a')),
  ),
  'equal groups stay two': join(
    message(1, message(2, record('a')), message(2, record('a'))),
    message(1, message(2, record('a'))),
  ),
  'empty groups between others': join(
    emptyResourceGroup,
    message(1, emptyScopeGroup, message(2, record('a')), emptyScopeGroup, message(2, record('b'))),
    emptyResourceGroup,
    message(1, message(2, record('c'))),
  ),
  'schema URLs': message(1, message(2, record('a'), field(3, 'of the scope')), field(3, 'x')),
  'something unknown at every level': join(
    message(
      1,
      message(1, unknown(1), field(1, stringAttribute('a', 'b'))),
      message(2, message(1, unknown(2), field(1, 's')), message(2, unknown(3)), unknown(4)),
      message(2, record('second')),
      unknown(5),
      field(3, 'url'),
    ),
    unknown(6),
  ),
  'resource and scope that came twice': message(
    1,
    message(1, varintField(2, 1)),
    message(2, message(1, field(1, 'a')), record('a'), message(1, field(2, '1.0'))),
    message(1, field(1, stringAttribute('a', 'b'))),
  ),
};
for (const [what, request] of Object.entries(requests)) {
  test(`groups: ${what}`, () => {
    const found = canonicalRequest('logs', harness.rebuildOne(request)).toString('hex');
    assert.equal(found, canonicalRequest('logs', request).toString('hex'));
  });
}

test('groups: those of which no row is selected are left out; what is kept of the others stays', () => {
  const request = join(
    message(
      1,
      message(1, unknown(1)),
      message(2, message(1, unknown(2)), record('a'), record('b'), unknown(3)),
      message(2, message(1, unknown(4)), record('c'), unknown(5)),
      unknown(6),
    ),
    message(1, message(1, unknown(7)), message(2, record('d'))),
    unknown(8),
  );
  const onlyB = join(
    message(
      1,
      message(1, unknown(1)),
      message(2, message(1, unknown(2)), record('b'), unknown(3)),
      unknown(6),
    ),
    unknown(8),
  );
  const found = harness.rebuildOne(request, (row) => row === 1);
  assert.deepEqual(canonicalRequest('logs', found), canonicalRequest('logs', onlyB));
});
