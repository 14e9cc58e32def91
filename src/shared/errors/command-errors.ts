/** Errors of the commands, which print them with `--json` as JSON objects with their code. */
import type { ErrorEntries } from './error-entry.ts';

export const commandErrors = {
  ERR_ARCHER_USAGE_INVALID: {
    sentence: '{problem}',
    remedy: '',
    retry: false,
    explanation: `The command line is wrong. The message names the command, option or value, with
the nearest name, the allowed values, or \`see archer COMMAND --help\`. The command did nothing.
Exit 2.`,
  },
  ERR_ARCHER_INPUT_MISSING: {
    sentence: '{path} is not a file that can be read',
    remedy: '{hint}',
    retry: false,
    explanation: `A command was given a path that does not exist, that is of the wrong kind, or
that this user may not read. The command did nothing. Exit 2.`,
  },
  ERR_ARCHER_INPUT_SIGNAL_UNKNOWN: {
    sentence: '{path} has protobuf, which does not name its signal',
    remedy: 'Name it with --signal.',
    retry: false,
    explanation: `OTLP/JSON names its signal itself. For protobuf give \`--signal traces\`, or put
the signal into the name of the file: \`traces-2026.binpb\`. Nothing was imported. Exit 2.`,
  },
  ERR_ARCHER_INPUT_INVALID: {
    sentence: '{place}: {reason}',
    remedy: '',
    retry: false,
    explanation: `\`archer import\` skipped this part of a file: it is torn, it is not a request
of OTLP, it has another signal, or the recorder refused it. Everything else was imported. Exit 1.`,
  },
  ERR_ARCHER_MORE_FAULTS: {
    sentence: '{count} more faults were found',
    remedy: 'Correct the listed ones first; archer verify lists all faults of an archive.',
    retry: false,
    explanation: 'A command lists the first hundred faults and counts the others.',
  },
  ERR_ARCHER_OUTPUT_EXISTS: {
    sentence: '{path} exists',
    remedy: 'Choose another --output, or replace the file with --force.',
    retry: false,
    explanation: 'Nothing was written. Exit 1.',
  },
  ERR_ARCHER_OUTPUT_UNWRITABLE: {
    sentence: '{path} cannot be written: {reason}',
    remedy: 'Correct that, or choose another --output.',
    retry: 'if the disk was full or the reader of standard output ended',
    explanation: `The folder does not exist, the disk is full, a right is missing, or the program
that reads \`--output -\` has ended. Only the folder that \`--output\` names itself is created, if
its path ends with a slash. A file that was there before is unchanged, and so are files that this
export finished before. Exit 1.`,
  },
  ERR_ARCHER_OUTPUT_TAKES_ONE_SIGNAL: {
    sentence: '--output {path} takes one signal, and {signals} have rows',
    remedy: 'Choose one with --signal, or name a folder, with a slash at its end.',
    retry: false,
    explanation: 'One file holds the columns, or the requests, of one signal. Exit 2.',
  },
  ERR_ARCHER_REPAIR_REFUSED: {
    sentence: '{path} {reason}',
    remedy: 'The file is unchanged.',
    retry: false,
    explanation: `\`archer repair\` changes only a segment of Archer whose end is torn. \`has no
whole schema message\`: no reader can use the file; if it is empty or a few hundred bytes long, it
held nothing. \`is no segment of Archer\`: another program wrote it. \`is damaged at byte N, and a
whole batch at byte N would be cut\`: restore the file from a copy; without a copy, let \`archer
record\` start in the directory: it moves the file below \`.archer/damaged\` and keeps the whole
batches. Exit 1.`,
  },
  ERR_ARCHER_SEGMENT_IN_USE: {
    sentence: '{path} may be in use: process {holder} holds {directory}',
    remedy: 'Stop that process first, or repair a copy.',
    retry: 'once the other process has ended',
    explanation: `While a recorder runs, \`archer repair\` repairs only its sealed segments, and
copies in other folders. Exit 2.`,
  },
  ERR_ARCHER_REPAIR_FAILED: {
    sentence: '{path} cannot be repaired: {reason}',
    remedy: 'Correct that and repair the file again.',
    retry: 'if the disk failed for a moment',
    explanation: `The system refused to read or write the file. A second attempt completes a
repair that stopped in the middle. Exit 1.`,
  },
  ERR_ARCHER_DESTINATION_UNAVAILABLE: {
    sentence: '{destination} takes no requests: {reason}',
    remedy: '{hint}',
    retry: 'once the destination accepts requests',
    explanation: `\`archer generate\`, \`replay\` or \`import\` got no acknowledgement at all,
although it tried again: nothing listens there, or the address, the protocol or the credentials
are wrong. \`replay\` gives up after 30 seconds without any answer. REASON ends with what was
acknowledged before. With \`auth.bearer_tokens\` of the recorder give \`--header
"Authorization=Bearer TOKEN"\`. Exit 1.`,
  },
  ERR_ARCHER_NOT_ACKNOWLEDGED: {
    sentence: '{items} were not acknowledged; the last such answer: {reason}',
    remedy: '',
    retry: false,
    explanation: `The destination refused these items for good, or took a request only in part.
They are not sent again. Exit 1.`,
  },
  ERR_ARCHER_STOPPED: {
    sentence: '{what} stopped before its end{place}',
    remedy: '{hint}',
    retry: 'from the place where it stopped',
    explanation: `SIGINT or SIGTERM stopped the command, or it gave up. For a replay give
\`--from\` the time of the last row that arrived. An import is at least once: what it imported
before is in the archive twice if the same file is imported again. Exit 1.`,
  },
  ERR_ARCHER_HOLDER_UNREACHABLE: {
    sentence: '{directory} is in use by process {pid}, which {fault}',
    remedy: 'Wait for its end, or stop it.',
    retry: 'once the other process has ended',
    explanation: `\`archer import\` sends to the process that holds the directory. That process is
a recorder that still reads its log or has both OTLP listeners off, an \`archer repair\`, or
another import that has just begun. Exit 1.`,
  },
} as const satisfies ErrorEntries;
