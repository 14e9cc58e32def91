/** Reads a configuration file in YAML: which setting it gives which value, and where. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { type Given, type Path, pathText } from './given.ts';
import { proposal } from './nearest-name.ts';
import { type SettingKey, settingKeys } from './settings.ts';

export interface YamlSettings {
  /** False where the text is no YAML at all. */
  readonly isReadable: boolean;
  readonly given: ReadonlyMap<SettingKey, Given>;
  readonly problems: readonly string[];
}

/** One mistake may break every line behind it. */
const faultsShownMax = 10;

/** Values that repeat by alias; more than this is an attack, not a configuration. */
const aliasCountMax = 100;

/** `batch`, `retention`, `retention.traces`, … */
const sections = [...new Set(settingKeys.flatMap(sectionsAbove))];

/** Settings need four; the parser's stack ends at some thousands, and the process with it. */
const depthMax = 100;

/** `name` is the file's in problems. */
export function readYamlSettings(text: string, name: string): YamlSettings {
  if (isDeep(text)) return unreadable([`${name}: it is nested too deeply`]);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const faults = [...document.errors, ...document.warnings].slice(0, faultsShownMax);
  if (faults.length > 0) {
    return unreadable(faults.map(({ pos, message }) => `${at(pos[0])}: ${message}`));
  }
  try {
    const root: unknown = document.toJS({ maxAliasCount: aliasCountMax });
    return new SettingWalk(name, (path) => at(offsetOf(document.contents, path))).read(root);
  } catch (error) {
    return unreadable([`${name}: ${(error as Error).message}`]);
  }
}

function sectionsAbove(key: SettingKey): string[] {
  const parts = key.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

/** Brackets in texts and comments count too: nobody opens a hundred there either. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const letter of text) {
    if (letter === '[' || letter === '{') depth++;
    if (letter === ']' || letter === '}') depth--;
    if (depth > depthMax) return true;
  }
  return /(?:[-?:][ \t]+){100}/.test(text);
}

function unreadable(problems: readonly string[]): YamlSettings {
  return { isReadable: false, given: new Map(), problems };
}

/** Where the entry at the path begins, or the nearest one above that is there. */
function offsetOf(contents: unknown, path: Path): number {
  let node = contents;
  let offset = 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (!isScalar(pair?.key)) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      const item = node.items[part] as { range?: readonly number[] } | undefined;
      offset = item?.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}

/** Goes down the sections of a file to its settings, and gathers what is none. */
class SettingWalk {
  readonly #name: string;
  readonly #at: (path: Path) => string;
  readonly #given = new Map<SettingKey, Given>();
  readonly #problems: string[] = [];

  constructor(name: string, at: (path: Path) => string) {
    this.#name = name;
    this.#at = at;
  }

  read(root: unknown): YamlSettings {
    this.#readSection(root, []);
    return { isReadable: true, given: this.#given, problems: this.#problems };
  }

  /** A section all of whose lines are comments is empty. */
  #readSection(section: unknown, path: readonly string[]): void {
    if (section === null || section === undefined) return;
    if (typeof section !== 'object' || Array.isArray(section)) {
      this.#problem(path, 'must hold settings, each on a line of its own');
      return;
    }
    for (const [name, value] of Object.entries(section)) this.#readEntry(value, [...path, name]);
  }

  #readEntry(value: unknown, path: readonly string[]): void {
    const key = pathText(path);
    if (path.some((part) => part.includes('.'))) {
      this.#problem(path, 'must be written as sections: a line and deeper lines for each dot');
    } else if (isSettingKey(key)) this.#readSetting(key, value, path);
    else if (sections.includes(key)) this.#readSection(value, path);
    else this.#problem(path, `is no setting${proposal(key, [...settingKeys, ...sections])}`);
  }

  #readSetting(key: SettingKey, value: unknown, path: readonly string[]): void {
    if (value === null) {
      this.#problem(path, 'has no value: give it one, or remove the line');
      return;
    }
    const place = (below: Path) => this.#place([...path, ...below]);
    this.#given.set(key, { value, source: this.#name, hasReferences: true, place });
  }

  #problem(path: Path, what: string): void {
    this.#problems.push(`${this.#place(path)} ${what}`);
  }

  #place(path: Path): string {
    return path.length === 0 ? `${this.#name}: it` : `${this.#at(path)}: ${pathText(path)}`;
  }
}

function isSettingKey(key: string): key is SettingKey {
  return (settingKeys as readonly string[]).includes(key);
}
