/** Prints the errors of a command to standard error. */
import type { Problem } from '../../shared/errors.ts';

/**
 * Prints a line for each problem: `archer: MESSAGE` for people, or with `--json` the object
 * `{"error":{"code","message"}}`, which is also the form of errors on the dashboard port.
 */
export function printProblems(problems: readonly Problem[], asJson: boolean | undefined): void {
  for (const { code, message } of problems) {
    console.error(asJson ? JSON.stringify({ error: { code, message } }) : `archer: ${message}`);
  }
}
