/** The JSON Schema of the configuration file, checked by an independent validator. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { configJsonSchema, propertyNames } from '../../src/config/json-schema.ts';
import { settingKeys, settings } from '../../src/config/settings.ts';
import { configFrom } from './loading.ts';

const readme = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'README.md');
const validate = new Ajv2020({ strict: false }).compile(configJsonSchema());

function isValid(yaml: string): boolean {
  return validate(parse(yaml));
}

describe('JSON Schema', () => {
  it('every setting is in its section, with meaning and default', () => {
    for (const key of settingKeys) {
      const path = key.split('.').flatMap((part) => ['properties', part]);
      const found = path.reduce<unknown>((part, name) => {
        return (part as Record<string, unknown> | undefined)?.[name];
      }, configJsonSchema()) as Record<string, unknown> | undefined;
      assert.equal(found?.['description'], settings[key].meaning, key);
      const { default: byDefault } = settings[key];
      assert.equal(found?.['default'] === undefined, byDefault === '', key);
    }
  });

  it('its own defaults are valid', () => {
    const { properties } = configJsonSchema() as { properties: Record<string, unknown> };
    const defaults = defaultsOf(properties);
    assert.ok(validate(defaults), JSON.stringify(validate.errors));
    assert.equal((defaults['batch'] as Record<string, unknown>)['max_rows'], 10_000);
  });

  it('what the recorder accepts is valid, also the README’s example', () => {
    const page = readFileSync(readme, 'utf8');
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const files = [
      example,
      'batch: {max_rows: 5, max_bytes: 1048576, max_age: 5s}',
      'rotation: {max_age: 0, max_bytes: 1.5 GiB, schedule: "0 * * * *"}',
      'auth: {basic: "a:b", bearer_tokens: [x]}\nhttp: {enabled: "true", cors_origins: ["*"]}',
      'forwarding: [{name: a, endpoint: "https://x", auth: none, timeout: 5s, sampling: {ratio: 0.5}}]',
    ];
    for (const yaml of files) {
      configFrom({ yaml, environment: { COLLECTOR_TOKEN: 'x', DASHBOARD_TOKEN: 'x' } });
      assert.ok(isValid(yaml), `${yaml}: ${JSON.stringify(validate.errors)}`);
    }
  });

  it('references are valid in place of every value', () => {
    assert.ok(
      isValid(`compression: "\${env:A}"\nbatch: {max_rows: "\${env:B}", max_age: "\${file:C}"}`),
    );
    assert.ok(
      isValid(`forwarding: [{name: "\${env:A}", endpoint: "\${env:B}", protocol: "\${env:C}"}]`),
    );
  });

  it('unknown entries and bad values are invalid', () => {
    for (const yaml of [
      'batch: {max_row: 5}',
      'bach: {}',
      'batch: {max_rows: 0}',
      'batch: {max_age: 5}',
      'compression: lz4',
      'grpc: {enabled: yes please}',
      'forwarding: [{name: a}]',
      'forwarding: [{name: a, endpoint: "https://x", auth: {type: basic}}]',
    ]) {
      assert.ok(!isValid(yaml), yaml);
    }
  });

  it('propertyNames: the names at every depth', () => {
    const names = propertyNames(settings.forwarding.schema);
    for (const name of ['name', 'max_delay', 'password', 'header']) assert.ok(names.includes(name));
  });
});

function defaultsOf(properties: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(properties).flatMap(([name, part]) => {
    const inner = part as { properties?: Record<string, unknown>; default?: unknown };
    if (inner.properties !== undefined) return [[name, defaultsOf(inner.properties)]];
    return inner.default === undefined ? [] : [[name, inner.default]];
  });
  return Object.fromEntries(entries);
}
