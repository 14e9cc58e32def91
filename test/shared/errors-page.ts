/** Writes the first part of docs/errors.md from the table of errors. */

import type { ErrorEntry } from '../../src/shared/errors/error-entry.ts';
import { errorChapters } from '../../src/shared/errors.ts';

const lineLengthMax = 120;

const head = `Every error that a program can catch has a code. A code never changes its meaning and is never used again for another
error. Where the code is:

- In the library, \`ArcherError\` has \`code\`, \`message\` and \`retryable\`. A fault that a query steps over has a \`code\`.
- On the OTLP ports the answer is a \`google.rpc.Status\`. Its \`details\` hold a \`google.rpc.ErrorInfo\` with the code as
  \`reason\` and the domain \`otlp-archer\`. gRPC sends the same Status in \`grpc-status-details-bin\`.
- On the dashboard port the body is \`{"error":{"code","message"}}\`.
- Commands print \`archer: MESSAGE\` to standard error. With \`--json\` each such line is
  \`{"error":{"code","message","retryable"}}\`; the result on standard output stays as it is.

An error without a code is a defect of Archer: please report it.`;

/** Returns the generated part of the page. */
export function errorsPage(): string {
  const chapters = Object.entries(errorChapters).map(([title, entries]) => {
    const parts = Object.entries(entries as Readonly<Record<string, ErrorEntry>>).map(section);
    return [`## ${title}`, ...parts].join('\n\n');
  });
  return [head, ...chapters].join('\n\n');
}

function section([code, entry]: [string, ErrorEntry]): string {
  const { sentence, remedy, retry, explanation } = entry;
  const message = inCapitals(remedy === '' ? sentence : `${sentence}. ${remedy}`);
  const again = retry === false ? 'Trying again does not help.' : `Trying again can help ${retry}.`;
  // The reader of the configuration composes such a message alone; the explanation has examples.
  const shown = sentence === '{problem}' ? [] : [`\`${message}\``];
  return [`### ${code}`, ...shown, wrapped(explanation), again].join('\n\n');
}

/** Replaces `{contentType}` by CONTENT_TYPE. */
function inCapitals(text: string): string {
  return text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    return name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  });
}

/** Wraps the text at the page's line length. */
function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length === 0) lines.push(word);
    else if (longer.length > lineLengthMax) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join('\n');
}
