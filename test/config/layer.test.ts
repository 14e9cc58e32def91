/** The settings that one source gives. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { toLayer } from '../../src/config/layer.ts';

it('toLayer: holds each given value, also empty texts, with its source', () => {
  const names = (key: string) => ({ source: `source of ${key}`, place: `--${key}` });
  const layer = toLayer({ receivers: '5', lanes: undefined, 'http.host': '' }, names);
  assert.deepEqual([...layer.keys()].sort(), ['http.host', 'receivers']);
  const given = layer.get('receivers');
  assert.equal(given?.value, '5');
  assert.equal(given?.source, 'source of receivers');
  assert.equal(given?.place([]), '--receivers');
  assert.equal(given?.hasReferences, false);
});
