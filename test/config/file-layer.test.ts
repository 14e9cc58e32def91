/** Which configuration file is read, and the problem if it cannot be read. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { configFilePath, readFileLayer } from '../../src/config/file-layer.ts';
import type { ConfigSources } from '../../src/config/sources.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { messagesOf } from '../shared/messages.ts';
import { sourcesWith, temporaryFolder } from './loading.ts';

function read(sources: Partial<ConfigSources>) {
  const { problems, ...found } = readFileLayer(sourcesWith(sources), nodeStorage);
  return { ...found, problems: messagesOf(problems) };
}

/** Runs the action in a new working directory, where archer.yaml is looked for. */
function inFolder(action: () => void): void {
  const before = process.cwd();
  process.chdir(temporaryFolder());
  try {
    action();
  } finally {
    process.chdir(before);
  }
}

describe('configuration file', () => {
  it('configFilePath: --config before OTLP_CONFIG_FILE before archer.yaml', () => {
    const environment = { OTLP_CONFIG_FILE: 'b.yaml' };
    assert.equal(configFilePath(sourcesWith({ configFile: 'a.yaml', environment })), 'a.yaml');
    assert.equal(configFilePath(sourcesWith({ environment })), 'b.yaml');
    assert.equal(configFilePath(sourcesWith({})), 'archer.yaml');
  });

  it('archer.yaml: is read if it exists', () => {
    inFolder(() => {
      const nothing = { isReadable: true, layer: new Map(), path: undefined, problems: [] };
      assert.deepEqual(read({}), nothing);
      writeFileSync('archer.yaml', 'batch: {max_rows: 5}');
      const { layer, path } = read({});
      assert.equal(path, 'archer.yaml');
      assert.equal(layer.get('batch.max_rows')?.source, 'archer.yaml');
    });
  });

  it('a file that a flag or a variable names must exist', () => {
    const byFlag = read({ configFile: 'no.yaml' });
    assert.deepEqual(byFlag.problems, ['--config: "no.yaml" does not exist']);
    const byVariable = read({ environment: { OTLP_CONFIG_FILE: 'no.yaml' } });
    assert.deepEqual(byVariable.problems, ['OTLP_CONFIG_FILE: "no.yaml" does not exist']);
  });

  it('a file that was read before must exist and must not be empty', () => {
    inFolder(() => {
      const fileBefore = 'archer.yaml';
      assert.deepEqual(read({ fileBefore }).problems, ['archer.yaml does not exist']);
      writeFileSync('archer.yaml', '\n');
      assert.deepEqual(read({ fileBefore }).problems, ['archer.yaml is empty']);
      assert.deepEqual(read({}).problems, []);
    });
  });

  it('a folder, a binary file and a file that is too large are problems', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder.yaml'));
    writeFileSync(join(folder, 'binary.yaml'), Uint8Array.of(0xff, 0xfe, 0x00));
    writeFileSync(join(folder, 'large.yaml'), '#'.repeat(64 * 1024 + 1));
    const of = (name: string) => read({ configFile: join(folder, name) }).problems.join();
    assert.match(of('folder.yaml'), /^--config: ".*" cannot be read: EISDIR/);
    assert.match(of('binary.yaml'), /is not UTF-8 text$/);
    assert.match(of('large.yaml'), /is larger than 64KiB$/);
  });
});
