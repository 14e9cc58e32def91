/** A value as somebody gave it, before it is read. */

export interface Given {
  /** Text of a flag or a variable, or a value of the configuration file. */
  readonly value: unknown;
  /** For people, such as `default`, `archer.yaml`, `environment OTLP_X` or `flag --x`. */
  readonly source: string;
  /** Whether its texts may hold ${env:NAME} and ${file:PATH}. */
  readonly hasReferences: boolean;
  /**
   * What a problem with the value, or with the part of it at this path, is said of: `--http-port`
   * or `archer.yaml:3:5: http.port`.
   */
  place(path: Path): string;
}

/** From a value to a part of it: keys of maps, indices of lists. */
export type Path = readonly PropertyKey[];

/** `forwarding[0].retry.max_delay` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** The part at the path; undefined where there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((part, key) => {
    const isInside = typeof part === 'object' && part !== null && Object.hasOwn(part, key);
    return isInside ? (part as Record<PropertyKey, unknown>)[key] : undefined;
  }, value);
}
