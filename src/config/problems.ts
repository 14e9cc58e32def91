/** Says in one line each what is wrong with a value that was given. */
import type { z } from 'zod';
import { type Given, pathText, valueAt } from './given.ts';
import { propertyNames } from './json-schema.ts';
import { proposal } from './nearest-name.ts';
import type { ReferenceFault } from './references.ts';
import { isSecret } from './secrets.ts';
import { type SettingKey, settings } from './settings.ts';

/** Of a value that is repeated in a problem. */
const shownLettersMax = 80;

type Issue = z.core.$ZodIssue;

/** One line for each issue; secrets are not repeated in them. */
export function valueProblems(
  key: SettingKey,
  given: Given,
  error: z.ZodError,
  faults: readonly ReferenceFault[] = [],
): string[] {
  const said = new Set(faults.map(({ path }) => pathText(path)));
  const issues = error.issues.flatMap(innermost).filter(({ path }) => !said.has(pathText(path)));
  const lines = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return unknownKeys(key, given, issue);
    return [valueProblem(key, given, issue)];
  });
  return [...new Set(lines)];
}

/** One line for each reference that leads nowhere. */
export function referenceProblems(given: Given, faults: readonly ReferenceFault[]): string[] {
  return faults.map(({ path, message }) => `${given.place(path)}: ${message}`);
}

/** `--http-port: "x" must be a whole number` */
function valueProblem(key: SettingKey, given: Given, issue: Issue): string {
  const { path } = issue;
  const value = typeof given.value === 'string' ? given.value : valueAt(given.value, path);
  const isShown = value !== undefined && typeof value !== 'object' && !isSecret(key, path, value);
  const shown = isShown ? ` ${JSON.stringify(value).slice(0, shownLettersMax)}` : '';
  return `${given.place(path)}:${shown} ${messageOf(issue, given)}`;
}

/**
 * Of the forms that a value may have the last is the long one, whose issues say most; a union with
 * a sentence of its own speaks for itself.
 */
function innermost(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return [issue];
  const last = issue.errors.at(-1) ?? [];
  if (last.length === 0) return [issue];
  return last.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }));
}

function messageOf(issue: Issue, given: Given): string {
  const isAbsent =
    typeof given.value === 'object' && valueAt(given.value, issue.path) === undefined;
  if (isAbsent && issue.code !== 'custom') return 'is missing';
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) {
    return issue.message;
  }
  const expected =
    issue.expected === 'object' ? 'settings of its own' : `of type ${issue.expected}`;
  return `must be ${expected}`;
}

function unknownKeys(
  key: SettingKey,
  given: Given,
  issue: z.core.$ZodIssueUnrecognizedKeys,
): string[] {
  return issue.keys.map((name) => {
    const place = given.place([...issue.path, name]);
    return `${place} is no setting${proposal(name, propertyNames(settings[key].schema))}`;
  });
}
