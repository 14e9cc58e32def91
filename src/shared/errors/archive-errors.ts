/** Errors of reading the archive, and faults that are found in its files. */
import type { ErrorEntries } from './error-entry.ts';

/** Errors of a query: the caller asked for something that does not exist. */
export const queryErrors = {
  ERR_ARCHER_TIME_INVALID: {
    sentence: '{name}: {text} is not a time',
    remedy: 'Write RFC 3339 such as 2026-11-21T08:53:05Z, or a time ago such as -15m.',
    retry: false,
    explanation: `The bounds \`from\` and \`to\` of the library and \`--from\` and \`--to\` of the
commands. The library also takes a \`Date\` and Unix nanoseconds as a bigint. Exit 2.`,
  },
  ERR_ARCHER_TIME_RANGE_EMPTY: {
    sentence: '--from {from} is not before --to {to}',
    remedy: 'Exchange the two, or leave one out.',
    retry: false,
    explanation: 'No row can lie between the two times. Exit 2.',
  },
  ERR_ARCHER_COLUMN_UNKNOWN: {
    sentence: 'columns: {signal} have no column {column}',
    remedy: 'Use the column names of docs/format/segment.md.',
    retry: false,
    explanation: 'Each signal has its own columns.',
  },
} as const satisfies ErrorEntries;

/** Where a fault is; commands print it in this form. */
const faultSentence = '{path}: at byte {offset}: {what}';

/**
 * Faults in files. They are values, not exceptions: reading continues after them. `archer verify`
 * and `archer export` list them, and the library passes them to `onFault`.
 */
export const faultErrors = {
  ERR_ARCHER_FILE_UNREADABLE: {
    sentence: faultSentence,
    remedy: '',
    retry: 'if the disk failed for a moment',
    explanation: `The system refused to open or read the file, or the disk cannot read some bytes
of it. Check the rights of the file; if the disk fails, copy the directory to another disk.`,
  },
  ERR_ARCHER_SEGMENT_TORN: {
    sentence: faultSentence,
    remedy: '',
    retry: 'once the next recorder in the directory has repaired the file',
    explanation: `A part of the file does not belong to the Arrow stream, usually at the end of
the file, because the recorder was killed or the power failed during a write. All batches before
it are whole. The next \`archer record\` in the directory, or \`archer repair FILE\`, cuts the
torn tail. If whole batches follow the torn part, \`archer repair\` refuses; restore the file from
a copy.`,
  },
  ERR_ARCHER_SCHEMA_UNKNOWN: {
    sentence: faultSentence,
    remedy: '',
    retry: false,
    explanation: `The schema of the file is damaged, or this version of Archer does not know it:
another version or another program wrote the file. Read it with the version that wrote it. The
message names the difference.`,
  },
  ERR_ARCHER_BATCH_DAMAGED: {
    sentence: faultSentence,
    remedy: '',
    retry: false,
    explanation: `Bytes of a batch have changed since they were written: the body does not match
its checksum, its header is impossible, or a column contradicts itself. A failing disk or memory,
or a loss of power, can cause this. Restore the file from a copy. The other batches of the file
are good.`,
  },
  ERR_ARCHER_BATCH_METADATA_WRONG: {
    sentence: faultSentence,
    remedy: '',
    retry: false,
    explanation: `The rows are readable, but the batch describes them wrongly in \`archer.stats\`,
\`archer.wal\` or \`archer.trace_ids\`. A query may skip the batch although it has matching rows.
If \`archer.wal\` is wrong, a recorder that starts in the directory may believe that requests are
in the archive although they are not: restore the file from a copy, or move it elsewhere, before
recording continues.`,
  },
  ERR_ARCHER_FOOTER_WRONG: {
    sentence: faultSentence,
    remedy: '',
    retry: false,
    explanation: `The file is an Arrow IPC file (\`rotation.seal_format: file\`) and its footer is
missing or does not describe the batches. \`archer repair FILE\` writes the footer again. Archer
does not need the footer, nor does a reader of streams that starts after the first 8 bytes.`,
  },
  ERR_ARCHER_LOG_DAMAGED: {
    sentence: faultSentence,
    remedy: '',
    retry: false,
    explanation: `A file of the write-ahead log below \`.archer/wal\` is damaged. Only requests
that no segment holds yet can be affected, and the next \`archer record\` in the directory reports
which those are. \`N bytes behind the last whole frame are no frame\` is normal after a kill:
those requests were never acknowledged.`,
  },
  ERR_ARCHER_REQUEST_NOT_REBUILDABLE: {
    sentence: faultSentence,
    remedy: '',
    retry: false,
    explanation: `A column holds a value that no recorder has written, so that the OTLP request
cannot be rebuilt from its rows. The rows themselves can be read and exported in the other
formats.`,
  },
} as const satisfies ErrorEntries;
