/** Describes in one line each what is wrong with a given value. */
import type { z } from 'zod';
import { type Problem, problem } from '../shared/errors.ts';
import { type Given, pathText, valueAt } from './given.ts';
import { propertyNames } from './json-schema.ts';
import { suggestion } from './nearest-name.ts';
import type { ReferenceFault } from './references.ts';
import { isSecret } from './secrets.ts';
import { type SettingKey, settings } from './settings.ts';

/** A problem repeats this many UTF-16 units of the value. */
const shownLengthMax = 80;

type Issue = z.core.$ZodIssue;

/** The words for issues without a sentence of their own. It is passed to zod with each parse. */
export const wording: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_key') return issue.issues[0]?.message;
  if (issue.code !== 'invalid_type') return undefined;
  return issue.expected === 'object'
    ? 'must be settings of its own'
    : `must be of type ${issue.expected}`;
};

/** Returns a problem for each issue of a parse with `wording`. Secrets are not repeated in them. */
export function valueProblems(
  key: SettingKey,
  given: Given,
  error: z.ZodError,
  faults: readonly ReferenceFault[] = [],
): Problem[] {
  const reported = new Set(faults.map(({ path }) => pathText(path)));
  const issues = error.issues
    .flatMap(innermostIssues)
    .filter(({ path }) => !reported.has(pathText(path)));
  const found = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return unknownKeys(key, given, issue);
    return [valueProblem(key, given, issue)];
  });
  return [...new Map(found.map((each) => [each.message, each])).values()];
}

/** Returns a problem for each reference that could not be replaced. */
export function referenceProblems(given: Given, faults: readonly ReferenceFault[]): Problem[] {
  return faults.map(({ path, message }) => {
    const line = `${given.place(path)}: ${message}`;
    return problem('ERR_ARCHER_REFERENCE_UNRESOLVED', { problem: line });
  });
}

/** Its message is such as `--http-port: "x" must be a whole number`. */
function valueProblem(key: SettingKey, given: Given, issue: Issue): Problem {
  const { path } = issue;
  const value = typeof given.value === 'string' ? given.value : valueAt(given.value, path);
  const isShown = value !== undefined && typeof value !== 'object' && !isSecret(key, path, value);
  const shown = isShown ? ` ${JSON.stringify(value).slice(0, shownLengthMax)}` : '';
  const line = `${given.place(path)}:${shown} ${issue.message}`;
  return problem('ERR_ARCHER_SETTING_INVALID', { problem: line });
}

/**
 * Replaces the issue of a union by the issues of its last form, which is the longest and has the
 * most precise messages. A union with a message of its own keeps it.
 */
function innermostIssues(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return [issue];
  const last = issue.errors.at(-1) ?? [];
  if (last.length === 0) return [issue];
  return last.flatMap((inner) => {
    return innermostIssues({ ...inner, path: [...issue.path, ...inner.path] });
  });
}

function unknownKeys(
  key: SettingKey,
  given: Given,
  issue: z.core.$ZodIssueUnrecognizedKeys,
): Problem[] {
  return issue.keys.map((name) => {
    const place = given.place([...issue.path, name]);
    const line = `${place} is no setting${suggestion(name, propertyNames(settings[key].schema))}`;
    return problem('ERR_ARCHER_SETTING_UNKNOWN', { problem: line });
  });
}
