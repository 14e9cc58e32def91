/** The JSON Schema of the configuration file, for editors and for those who make such files. */
import { z } from 'zod';
import { referencePattern } from './references.ts';
import { type SettingKey, settingKeys, settings } from './settings.ts';

type Json = Record<string, unknown>;

interface Section extends Json {
  readonly type: 'object';
  readonly properties: Record<string, Json>;
  readonly additionalProperties: false;
}

export function configJsonSchema(): Json {
  const root = newSection();
  for (const key of settingKeys) {
    const parts = key.split('.');
    const name = parts.at(-1) ?? key;
    sectionAt(root, parts.slice(0, -1)).properties[name] = settingSchema(key);
  }
  const dialect = 'https://json-schema.org/draft/2020-12/schema';
  return { $schema: dialect, title: 'Configuration of archer', ...root };
}

/** The names of all entries that a value may have, however deep. */
export function propertyNames(schema: z.ZodType): string[] {
  const names = new Set<string>();
  const gather = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { properties } = part as Partial<Section>;
    for (const name of Object.keys(properties ?? {})) names.add(name);
    for (const inner of Object.values(part)) gather(inner);
  };
  gather(toJson(schema));
  return [...names];
}

function newSection(): Section {
  return { type: 'object', properties: {}, additionalProperties: false };
}

function sectionAt(root: Section, names: readonly string[]): Section {
  return names.reduce((section, name) => {
    section.properties[name] ??= newSection();
    return section.properties[name] as Section;
  }, root);
}

function settingSchema(key: SettingKey): Json {
  const { schema, default: byDefault, meaning } = settings[key];
  const written = z.encode(schema as z.ZodType, schema.parse(byDefault));
  const shown = byDefault === '' ? {} : { default: written };
  return { description: meaning, ...shown, ...toJson(schema) };
}

/** What may be written, not what it is read as. */
function toJson(schema: z.ZodType): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => allowReferences(jsonSchema),
  });
  return json;
}

/** A text that has to look like something may be a reference instead. */
function allowReferences(json: z.core.JSONSchema.BaseSchema): void {
  if (json.pattern !== undefined) json.pattern = `${json.pattern}|${referencePattern}`;
  if (json.enum === undefined) return;
  json.anyOf = [{ enum: json.enum }, { type: 'string', pattern: referencePattern }];
  delete json.enum;
  delete json.type;
}
