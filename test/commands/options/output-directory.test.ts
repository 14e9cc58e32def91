/** The output directory is told by the options of a command, or from where a segment lies. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import {
  addOutputDirOptions,
  findOutputDir,
  outputDirectoryOf,
} from '../../../src/commands/options/output-directory.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { problem } from '../../../src/shared/errors.ts';
import { temporaryFolders } from '../../disk/temporary-folder.ts';

const newFolder = temporaryFolders();
const name = 'traces-20261121T085305.123Z-000001.arrow';

function directoryOf(path: string): string | undefined {
  return outputDirectoryOf(nodeStorage, path);
}

function found(...args: string[]) {
  const options = addOutputDirOptions(new Command('test')).parse(args, { from: 'user' }).opts();
  return findOutputDir(nodeStorage, options);
}

describe('output directory', () => {
  it('a configuration with another setting that is wrong: says it all the same', () => {
    const outputDir = newFolder();
    const config = join(outputDir, 'archer.yaml');
    const secret = `dashboard: {bearer_token: "\${env:ARCHER_TEST_UNSET}"}`;
    writeFileSync(config, `output_dir: ${outputDir}\nlanes: 7\n${secret}\n`);
    assert.deepEqual(found('--config', config), { ok: true, outputDir });
    const named = newFolder();
    assert.deepEqual(found('--config', config, '--output-dir', named), {
      ...{ ok: true, outputDir: named },
    });
  });

  it('no folder there: exit 1 and the remedy; no such configuration: exit 2', () => {
    const missing = join(newFolder(), 'missing');
    assert.deepEqual(found('--output-dir', missing), {
      ...{
        ok: false,
        code: 1,
        problems: [problem('ERR_ARCHER_DIRECTORY_MISSING', { directory: missing })],
      },
    });
    const message = `--config: "${missing}" does not exist`;
    assert.deepEqual(found('--config', missing), {
      ...{ ok: false, code: 2, problems: [{ code: 'ERR_ARCHER_CONFIG_FILE_UNREADABLE', message }] },
    });
  });

  it('a segment in its place: is of the directory above, where a recorder has been', () => {
    const outputDir = newFolder();
    const path = join(outputDir, 'traces', 'date=2026-11-21', name);
    assert.equal(directoryOf(path), undefined);
    mkdirSync(join(outputDir, '.archer'));
    assert.equal(directoryOf(path), outputDir);
    assert.equal(directoryOf(relative(process.cwd(), path)), outputDir);
  });

  it('a file elsewhere, or of another name: is of none', () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, '.archer'));
    for (const path of [
      ['traces', 'date=2026-11-21', 'copy.arrow'],
      ['metrics', 'date=2026-11-21', name],
      ['traces', '2026-11-21', name],
      ['traces', name],
      ['.archer', 'damaged', name],
      [name],
    ]) {
      assert.equal(directoryOf(join(outputDir, ...path)), undefined, path.join('/'));
    }
  });
});
