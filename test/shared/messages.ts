/** The messages of problems, for tests that compare the words alone. */
import type { Problem } from '../../src/shared/errors.ts';

export function messagesOf(problems: readonly Problem[]): string[] {
  return problems.map(({ message }) => message);
}
