/** Errors of a recorder: its directory, its listeners, its threads, and the disk. */
import type { ErrorEntries } from './error-entry.ts';

export const recorderErrors = {
  ERR_ARCHER_DIRECTORY_HELD: {
    sentence: '{directory} is in use by process {holder}',
    remedy: 'Stop that process, or choose another output_dir.',
    retry: 'once the other process has ended',
    explanation: `Another recorder, or an \`archer repair\`, holds the directory, and two
processes would overwrite each other's files. \`archer record\` ends with exit 2. \`kill PID\`
stops a recorder; it seals its files first. The lock that a killed recorder left behind does not
count. A recorder in another container or on another machine that shares the disk is recognized by
its lock, which it renews each second (docs/format/lock.md): a start then takes up to 5 seconds.`,
  },
  ERR_ARCHER_DIRECTORY_LOST: {
    sentence: '.archer/lock was replaced, and {directory} is in use by process {holder}',
    remedy: 'Stop one of the two, or give each its own output_dir.',
    retry: 'once the other process has ended',
    explanation: `This recorder did not renew its lock for 3 seconds, for instance because its
machine or container was suspended, or somebody deleted the lock. Then another recorder took the
directory. This recorder stops at once with exit 1 and writes nothing more, because two would
overwrite each other's files. The other recorder has everything that was acknowledged from the
write-ahead log.`,
  },
  ERR_ARCHER_DIRECTORY_MISSING: {
    sentence: 'output_dir {directory} is not a folder',
    remedy: 'Run archer record first, or name the output directory of a recorder.',
    retry: 'once a recorder has created the directory',
    explanation: `The commands and functions that read an archive need the directory that a
recorder writes. A relative path starts at the working directory. Commands take it from
\`--output-dir\` and end with exit 1.`,
  },
  ERR_ARCHER_DIRECTORY_UNWRITABLE: {
    sentence: 'output_dir {directory} cannot be written: {reason}',
    remedy: 'Give the recorder the right to write there, or choose another output_dir.',
    retry: false,
    explanation: `The recorder could not create or write the directory, or \`.archer\` in it. The
reason is the system's: a missing right, a read-only disk, or a file where a folder must be. A
full disk is not reported with this code, because the recorder waits for it.`,
  },
  ERR_ARCHER_DIRECTORY_UNREADABLE: {
    sentence: 'output_dir {directory} cannot be read: {reason}',
    remedy: 'Check the rights of the directory and the health of the disk.',
    retry: 'if the disk failed for a moment',
    explanation: 'The system refused to list or open files in the directory.',
  },
  ERR_ARCHER_PORT_IN_USE: {
    sentence: '{listener}.port {port} on {host} is in use',
    remedy: 'Stop the program that uses it, or choose another port with --{listener}-port.',
    retry: 'once the other program has closed the port',
    explanation: `Another program listens on the port, most often another recorder or a Collector.
On Linux \`ss -ltnp\` names it. Exit 1.`,
  },
  ERR_ARCHER_PORT_NOT_PERMITTED: {
    sentence: '{listener}.port {port} on {host} needs rights that this process does not have',
    remedy: 'Choose a port above 1023 with --{listener}-port.',
    retry: false,
    explanation: 'Most systems reserve the ports below 1024 for the administrator. Exit 1.',
  },
  ERR_ARCHER_LISTEN_FAILED: {
    sentence: '{listener}.port {port} on {host} cannot be opened: {reason}',
    remedy: 'Change --{listener}-host or --{listener}-port.',
    retry: false,
    explanation: `The reason is the system's. Often the address does not belong to this machine.
Exit 1.`,
  },
  ERR_ARCHER_PEM_INVALID: {
    sentence: '{key}: {fault}',
    remedy: 'Name a file in PEM that the process can read.',
    retry: false,
    explanation: `A setting or an option names a certificate or key that does not exist, that
cannot be read, or that has no line that starts with \`-----BEGIN\`. A relative path starts at the
working directory. Exit 2. For a destination of \`forwarding\` the recorder tries again every
second instead.`,
  },
  ERR_ARCHER_TLS_FILES_UNUSABLE: {
    sentence: '{files}: {fault}',
    remedy: 'Name files that belong together.',
    retry: false,
    explanation: `Each file is in PEM, but TLS cannot use them together: for instance, the key
does not belong to the certificate.`,
  },
  ERR_ARCHER_FLUSH_FAILED: {
    sentence: 'Some rows could not be written to segments: {reason}',
    remedy: 'Nothing is lost: the recorder keeps the rows and tries again every second.',
    retry: 'once the disk can be written',
    explanation: `Flush and rotate answer with this code if a batch cannot be written within 10
seconds. The disk is full or fails, or has less free space than \`retention.min_free_bytes\`.
\`GET /health\` names the reason as long as it lasts.`,
  },
  ERR_ARCHER_SHUTDOWN_INCOMPLETE: {
    sentence: 'The recorder stopped before all rows were written to segments: {reason}',
    remedy: 'Make the disk writable and start archer record again: it recovers them from its log.',
    retry: false,
    explanation: `The rows that are missing in the segments are in the log below \`.archer/wal\`,
and the next start brings them back. With \`durability: received\` there is no log, and they are
lost.`,
  },
  ERR_ARCHER_LANE_UNAVAILABLE: {
    sentence: 'The thread that writes rows cannot take commands: {reason}',
    remedy: 'Wait until GET /health answers 200.',
    retry: 'once the thread has started again',
    explanation: `The thread (a "lane") is starting or died a moment ago. The recorder starts it
again by itself and recovers from the log what it had acknowledged.`,
  },
  ERR_ARCHER_LANE_TIMEOUT: {
    sentence: 'The thread that writes rows did not answer within {timeoutMs} ms',
    remedy: 'Check whether the disk is slow or hangs.',
    retry: 'once the disk answers again',
    explanation: 'The command may still be carried out later.',
  },
  ERR_ARCHER_LANE_FAILED: {
    sentence: 'The thread that writes rows cannot run: {reason}',
    remedy: 'Please report this defect, with the log of the recorder.',
    retry: 'by a restart, unless the same input causes it again',
    explanation: `The thread died for the third time within a minute, or could not start at all.
The recorder ends with exit 1. What it acknowledged comes back from the log at the next start;
with \`durability: received\` it is lost.`,
  },
  ERR_ARCHER_RECEIVER_FAILED: {
    sentence: 'The thread that receives requests died: {reason}',
    remedy: 'Please report this defect, with the log of the recorder.',
    retry: 'by a restart, unless the same input causes it again',
    explanation: 'The recorder seals everything that it acknowledged and ends with exit 1.',
  },
  ERR_ARCHER_INSTALLATION_BROKEN: {
    sentence: '{path} is missing from the installation',
    remedy: 'Install otlp-archer again; in a checkout, run npm run build.',
    retry: false,
    explanation: 'The package must contain the compiled decoder.',
  },
  ERR_ARCHER_INTERNAL: {
    sentence: 'An unexpected error happened: {reason}',
    remedy: 'Please report this defect.',
    retry: false,
    explanation: 'No other code fits. The reason is the message of the original error.',
  },
} as const satisfies ErrorEntries;
