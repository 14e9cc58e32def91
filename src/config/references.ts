/** Replaces ${env:NAME} and ${file:PATH} in the texts of a configuration file. */
import type { Path } from './given.ts';

export interface ReferenceWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Returns the text of a file, or the end of a sentence such as `cannot be read: EACCES`. */
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

/** Finds a reference. The JSON Schema allows it wherever a text has a pattern or choices. */
export const referencePattern = '\\$\\{(env|file):[^}]+\\}';

/**
 * Returns the value with the references in all its texts replaced. References within a replacement
 * are not replaced. A reference that leads nowhere becomes an empty text and is added to `faults`.
 */
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

/** Editors add a line end to a file, which is not part of the secret. */
function withoutLastLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
