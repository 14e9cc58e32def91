/** Loads configurations from texts, for all tests that need settings. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import {
  type Config,
  type ConfigSources,
  type EffectiveConfig,
  loadConfig,
} from '../../src/config/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'archer-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let fileCount = 0;

/** A new folder for each call. */
export function temporaryFolder(): string {
  return mkdtempSync(join(folder, 'case-'));
}

/** Writes the text to a new file and returns its path. */
export function fileWith(text: string): string {
  const path = join(folder, `${fileCount++}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** Returns sources that hold only the given ones. */
export function sourcesWith(sources: Partial<ConfigSources> & { yaml?: string }): ConfigSources {
  const { yaml, ...others } = sources;
  const configFile = yaml === undefined ? {} : { configFile: fileWith(yaml) };
  return { flags: {}, environment: {}, ...configFile, ...others };
}

export function loadedFrom(sources: Partial<ConfigSources> & { yaml?: string }): EffectiveConfig {
  const loaded = loadConfig(sourcesWith(sources));
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded;
}

export function configFrom(sources: Partial<ConfigSources> & { yaml?: string }): Config {
  return loadedFrom(sources).config;
}

/** Returns the problems without the name of the file. */
export function problemsFrom(sources: Partial<ConfigSources> & { yaml?: string }): string[] {
  const given = sourcesWith(sources);
  const loaded = loadConfig(given);
  assert.ok(!loaded.ok, 'the settings are valid');
  return loaded.problems.map(({ message }) => message.replaceAll(`${given.configFile}:`, ''));
}
