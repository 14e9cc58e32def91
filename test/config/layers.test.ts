/** The order of the sources. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readLayers, withPreset } from '../../src/config/layers.ts';
import { settingKeys } from '../../src/config/settings.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { messagesOf } from '../shared/messages.ts';
import { sourcesWith } from './loading.ts';

const sources = sourcesWith({
  flags: { 'http.port': '1' },
  environment: { OTLP_HTTP_PORT: '2' },
  yaml: 'http: {port: 3}',
});

describe('layers', () => {
  it('readLayers: flags, environment, file, defaults', () => {
    const { layers } = readLayers(sources, nodeStorage);
    const values = layers.map((layer) => layer.get('http.port')?.value);
    assert.deepEqual(values, ['1', '2', 3, '4318']);
    assert.deepEqual([...(layers.at(-1)?.keys() ?? [])], settingKeys);
  });

  it('withPreset: right before the defaults', () => {
    const layers = withPreset(readLayers(sources, nodeStorage).layers, 'low_latency');
    assert.deepEqual(
      layers.map((layer) => layer.get('batch.max_rows')?.value),
      [undefined, undefined, undefined, '1000', '10000'],
    );
    assert.equal(layers[3]?.get('batch.max_rows')?.source, 'preset low_latency');
  });

  it('readLayers: unknown arguments are reported', () => {
    const of = (...unknownArguments: string[]) => {
      return messagesOf(readLayers(sourcesWith({ unknownArguments }), nodeStorage).problems);
    };
    assert.deepEqual(of('--batch-max-row', '5'), [
      '--batch-max-row is no flag; did you mean --batch-max-rows?',
    ]);
    assert.deepEqual(of('--confg=x.yaml'), ['--confg is no flag; did you mean --config?']);
    assert.deepEqual(of('-q', '--zzzzzz'), ['-q is no flag', '--zzzzzz is no flag']);
    assert.match(of('stray').join(), /"stray" stands alone/);
  });
});
