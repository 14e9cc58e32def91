/** A value as a source gives it, before it is checked. */

export interface Given {
  /** Text of a flag or a variable, or a value of the configuration file. */
  readonly value: unknown;
  /** The source, for people: `default`, `archer.yaml`, `environment OTLP_X` or `flag --x`. */
  readonly source: string;
  /** The source, with line and column where it is a file: `archer.yaml:3:5` or `flag --x`. */
  readonly origin: string;
  /** True if texts in the value may hold ${env:NAME} and ${file:PATH}. */
  readonly hasReferences: boolean;
  /**
   * Returns the beginning of a problem's line: the place of the value, or of the part of it at the
   * path, such as `--http-port` or `archer.yaml:3:5: http.port`.
   */
  place(path: Path): string;
}

/** The way from a value to a part of it: keys of maps, indices of lists. */
export type Path = readonly PropertyKey[];

/** Formats a path: `forwarding[0].retry.max_delay`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Returns the part of the value at the path; undefined if there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((part, key) => {
    const isInside = typeof part === 'object' && part !== null && Object.hasOwn(part, key);
    return isInside ? (part as Record<PropertyKey, unknown>)[key] : undefined;
  }, value);
}
