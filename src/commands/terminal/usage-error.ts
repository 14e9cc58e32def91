/** What a shell is told of wrong usage: one line, as all errors of the commands are. */

/** `: do this`, `. Do this.`, `; did you mean that?` */
const remedy = /[:.](\s|$)|\?$/;

/** From commander's text, which may have a proposal on a line of its own. */
export function usageErrorLine(text: string, commandName: string): string {
  const [problem = '', ...more] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const proposal = more.map((line) => line.replace(/^\(Did you mean (.*)\)$/, '; did you mean $1'));
  const told = `${problem}${proposal.join('')}`;
  return `archer: ${remedy.test(told) ? told : `${told}: see ${commandName} --help`}`;
}
