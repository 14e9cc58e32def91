/** Reads a configuration file in YAML: the settings that it gives, and the place of each. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type Problem, problem } from '../shared/errors.ts';
import { type Given, type Path, pathText, valueAt } from './given.ts';
import { suggestion } from './nearest-name.ts';
import { settingTree } from './setting-tree.ts';
import { type SettingKey, settingKeys } from './settings.ts';

export interface YamlSettings {
  /** False if the text is not YAML. */
  readonly isReadable: boolean;
  readonly given: ReadonlyMap<SettingKey, Given>;
  readonly problems: readonly Problem[];
}

/** One mistake may break every line after it, so only the first syntax errors are reported. */
const syntaxErrorsMax = 10;

/** The limit on values that aliases repeat: more is an attack, not a configuration. */
const aliasCountMax = 100;

/** Settings need a depth of 4. At some thousands the parser overflows the stack. */
const depthMax = 100;

/** Accepts every value but null, because values are checked when all sources are merged. */
const anyValue = z
  .unknown()
  .refine((value) => value !== null, 'has no value: give it one, or remove the line');

/** Checks sections and names. YAML reads an empty section as null. */
const fileSchema = settingTree(() => anyValue, true).nullish();

const sections = [...new Set(settingKeys.flatMap(sectionsAbove))];

/** Problems call the file by `name`. */
export function readYamlSettings(text: string, name: string): YamlSettings {
  if (isDeep(text)) return unreadable([`${name}: it is nested too deeply`]);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const positionText = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const errors = [...document.errors, ...document.warnings].slice(0, syntaxErrorsMax);
  if (errors.length > 0) {
    return unreadable(errors.map(({ pos, message }) => `${positionText(pos[0])}: ${message}`));
  }
  const places: Places = {
    name,
    offset: (path) => offsetOf(document.contents, path),
    position: (path) => positionText(offsetOf(document.contents, path)),
  };
  try {
    const root: unknown = document.toJS({ maxAliasCount: aliasCountMax });
    return { isReadable: true, given: givenIn(root, places), problems: problemsIn(root, places) };
  } catch (error) {
    return unreadable([`${name}: ${(error as Error).message}`]);
  }
}

/** Where the entries of a file are. */
interface Places {
  readonly name: string;
  /** Returns the offset of the entry in the text, in UTF-16 units. */
  offset(path: Path): number;
  /** Returns `archer.yaml:3:5`. */
  position(path: Path): string;
}

/** Returns the sections that hold a setting: `retention` and `retention.traces`. */
function sectionsAbove(key: SettingKey): string[] {
  const parts = key.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

/** Brackets in texts and comments are counted too. No configuration has a hundred of them open. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const letter of text) {
    if (letter === '[' || letter === '{') depth++;
    if (letter === ']' || letter === '}') depth--;
    if (depth > depthMax) return true;
  }
  return /(?:[-?:][ \t]+){100}/.test(text);
}

function unreadable(lines: readonly string[]): YamlSettings {
  const problems = lines.map((line) => {
    return problem('ERR_ARCHER_CONFIG_FILE_INVALID', { problem: line });
  });
  return { isReadable: false, given: new Map(), problems };
}

/** Returns where the entry at the path begins. An entry that is absent has its parent's place. */
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

function givenIn(root: unknown, places: Places): Map<SettingKey, Given> {
  const given = new Map<SettingKey, Given>();
  for (const key of settingKeys) {
    const path = key.split('.');
    const value = valueAt(root, path);
    if (value === undefined || value === null) continue;
    given.set(key, {
      value,
      source: places.name,
      origin: places.position(path),
      hasReferences: true,
      place: (below) => placeText(places, [...path, ...below]),
    });
  }
  return given;
}

/**
 * Returns a problem for each entry that is not a section and not a setting.
 * They are in the order of the file.
 */
function problemsIn(root: unknown, places: Places): Problem[] {
  const issues = fileSchema.safeParse(root).error?.issues ?? [];
  const found = issues.flatMap((issue): UnusableEntry[] => {
    if (issue.code !== 'unrecognized_keys') {
      return [{ code: 'ERR_ARCHER_SETTING_INVALID', path: issue.path, what: issue.message }];
    }
    return issue.keys.map((name) => {
      const path = [...issue.path, name];
      return { path, ...unknownEntry(name, pathText(path)) };
    });
  });
  return found
    .toSorted((a, b) => places.offset(a.path) - places.offset(b.path))
    .map(({ code, path, what }) =>
      problem(code, { problem: `${placeText(places, path)} ${what}` }),
    );
}

interface UnusableEntry {
  readonly code:
    | 'ERR_ARCHER_CONFIG_FILE_INVALID'
    | 'ERR_ARCHER_SETTING_INVALID'
    | 'ERR_ARCHER_SETTING_UNKNOWN';
  readonly path: Path;
  /** Completes the sentence that begins with the place. */
  readonly what: string;
}

function unknownEntry(name: string, key: string): Omit<UnusableEntry, 'path'> {
  if (name.includes('.')) {
    const what = 'must be written as sections: a line and deeper lines for each dot';
    return { code: 'ERR_ARCHER_CONFIG_FILE_INVALID', what };
  }
  const what = `is no setting${suggestion(key, [...settingKeys, ...sections])}`;
  return { code: 'ERR_ARCHER_SETTING_UNKNOWN', what };
}

function placeText(places: Places, path: Path): string {
  return path.length === 0 ? `${places.name}: it` : `${places.position(path)}: ${pathText(path)}`;
}
