/** The JSON Schema of the configuration file, for editors and for programs that write the file. */
import { z } from 'zod';
import { referencePattern } from './references.ts';
import { settingTree } from './setting-tree.ts';
import { type SettingKey, settings } from './settings.ts';

type Json = Record<string, unknown>;

export function configJsonSchema(): Json {
  return { ...toJson(settingTree(describedSchema)), title: 'Configuration of archer' };
}

/** Returns the names of all entries that a value may have, at every depth. */
export function propertyNames(schema: z.ZodType): string[] {
  const names = new Set<string>();
  const gather = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const name of Object.keys((part as { properties?: Json }).properties ?? {})) {
      names.add(name);
    }
    for (const inner of Object.values(part)) gather(inner);
  };
  gather(toJson(schema));
  return [...names];
}

function describedSchema(key: SettingKey): z.ZodType {
  const { default: byDefault, meaning } = settings[key];
  const schema: z.ZodType = settings[key].schema;
  if (byDefault === '') return schema.meta({ description: meaning });
  return schema.meta({
    description: meaning,
    default: z.encode(schema, schema.parse(byDefault)),
  });
}

/** Describes what may be written in the file, not the value that it is converted to. */
function toJson(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      allowReferences(jsonSchema);
      // zod leaves out the default of a codec, because it might be one of the decoded values.
      const { default: written } = z.globalRegistry.get(zodSchema) ?? {};
      if (written !== undefined) jsonSchema.default = written;
    },
  });
}

/** A text with a pattern or a list of choices may be a reference instead. */
function allowReferences(json: z.core.JSONSchema.BaseSchema): void {
  if (json.pattern !== undefined) json.pattern = `${json.pattern}|${referencePattern}`;
  if (json.enum === undefined) return;
  json.anyOf = [{ enum: json.enum }, { type: 'string', pattern: referencePattern }];
  delete json.enum;
  delete json.type;
}
