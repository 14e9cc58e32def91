/** Replaces ${env:NAME} and ${file:PATH} in the texts of a configuration file. */
import type { Path } from './given.ts';

export interface ReferenceWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of a file; a sentence's end, such as `cannot be read: …`, where there is none. */
  readText(path: string): TextOrFault;
}

export type TextOrFault =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: string };

export interface ReferenceFault {
  readonly path: Path;
  readonly message: string;
}

const reference = /\$\{(env|file):([^}]*)\}/g;

/** For JSON Schema: a text that has a reference in it can become anything. */
export const referencePattern = '\\$\\{(env|file):[^}]+\\}';

/** The value with the references of all its texts replaced; what came in is not looked at again. */
export function replaceReferences(
  value: unknown,
  world: ReferenceWorld,
  faults: ReferenceFault[],
  path: Path = [],
): unknown {
  if (typeof value === 'string') return replaceInText(value, world, faults, path);
  if (Array.isArray(value)) {
    return value.map((item, index) => replaceReferences(item, world, faults, [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => {
    return [key, replaceReferences(part, world, faults, [...path, key])];
  });
  return Object.fromEntries(entries);
}

function replaceInText(
  text: string,
  world: ReferenceWorld,
  faults: ReferenceFault[],
  path: Path,
): string {
  return text.replaceAll(reference, (written: string, kind: string, name: string) => {
    const found = kind === 'env' ? readVariable(world, name) : world.readText(name);
    if (found.ok) return kind === 'env' ? found.text : withoutLastLineEnd(found.text);
    faults.push({ path, message: `${written} ${found.fault}` });
    return '';
  });
}

function readVariable({ environment }: ReferenceWorld, name: string): TextOrFault {
  const text = environment[name];
  return text === undefined ? { ok: false, fault: 'is not set' } : { ok: true, text };
}

/** Editors end a file with a line end that is no part of the secret in it. */
function withoutLastLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
