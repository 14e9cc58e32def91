/** Turns the usage errors of commander into one line with a remedy. */
import { type Problem, problem } from '../../shared/errors.ts';

/** Matches a text that has its remedy: `: do this`, `. Do this.`, `; did you mean that?` */
const remedyPattern = /[:.](\s|$)|\?$/;

/** Commander's text may have a suggestion on a line of its own, which is joined to the first. */
export function usageProblem(text: string, commandName: string): Problem {
  const [first = '', ...more] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const suggestions = more.map((line) => {
    return line.replace(/^\(Did you mean (.*)\)$/, '; did you mean $1');
  });
  const line = `${first}${suggestions.join('')}`;
  const withRemedy = remedyPattern.test(line) ? line : `${line}: see ${commandName} --help`;
  return problem('ERR_ARCHER_USAGE_INVALID', { problem: withRemedy });
}
