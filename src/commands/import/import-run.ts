/** One import: reads the files message by message, and sends what is in them. */

import type { OtlpClient } from '../../client/client-port.ts';
import type { Storage } from '../../disk/storage.ts';
import type { Clock } from '../../shared/clock.ts';
import { type Signal, signals } from '../../shared/signal.ts';
import { RequestDelivery, type RetryRules, sleep } from '../delivery/request-delivery.ts';
import type { Tally } from '../delivery/tally.ts';
import { ByteReader } from './byte-reader.ts';
import { fileChunks } from './file-chunks.ts';
import type { FileMessage } from './file-message.ts';
import type { ImportFormat } from './import-format.ts';
import type { ImportReport } from './import-report.ts';
import { readMessages } from './message-reader.ts';
import {
  jsonRequests,
  type KnownSignals,
  type MessageRequests,
  toRequests,
} from './message-requests.ts';
import { signalOfFileName } from './signal-name.ts';

export interface ImportRunOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly send: OtlpClient['send'];
  readonly files: readonly string[];
  /** The signal of protobuf whose file name does not name it. JSON is filtered by it. */
  readonly signal: Signal | undefined;
  readonly format: ImportFormat | undefined;
  readonly concurrency: number;
  readonly report: ImportReport;
  readonly onBytes: (byteCount: number) => void;
  readonly onFirstRetry: (reason: string) => void;
}

/** A recorder whose disk is full may be helped within a minute. */
const retry: RetryRules = {
  ...{ initialMs: 200, multiplier: 2, maxMs: 10_000 },
  triesMax: 12,
  retryAfterMsMax: 60_000,
};

export interface ImportResult {
  readonly tally: Tally;
  /** Where it ended before its time: `FILE:LINE`, or `FILE: at byte N`. */
  readonly endedAt: string | undefined;
}

export async function runImport(
  options: ImportRunOptions,
  stop: AbortSignal,
): Promise<ImportResult> {
  const { clock, send, concurrency, onFirstRetry } = options;
  const ports = { clock, sleep, send, fraction: Math.random, progress: () => {}, onFirstRetry };
  const delivery = new RequestDelivery({ signals, concurrency, retry }, ports, stop);
  let endedAt: string | undefined;
  for (const path of options.files) {
    endedAt ??= await importFile(path, options, delivery);
  }
  return { tally: await delivery.finish(), endedAt };
}

/** Gives back where it ended, unless it came to the file's end. */
async function importFile(
  path: string,
  { storage, onBytes, format, signal, report }: ImportRunOptions,
  delivery: RequestDelivery,
): Promise<string | undefined> {
  const reader = new ByteReader(fileChunks(storage, path, onBytes));
  const known = { ofProtobuf: signal ?? signalOfFileName(path), wanted: signal };
  try {
    for await (const found of readMessages(reader, format)) {
      if (delivery.isOver) return placeText(path, found);
      const { offset, line } = found;
      const place = { offset, line };
      const read = found.kind === 'skipped' ? found : await requestsOf(found, known);
      if (read.kind === 'requests') {
        for (const request of read.requests) {
          const onAnswer = report.take.bind(report, path, place, request);
          await delivery.start(request, onAnswer);
        }
      } else report.skip({ file: path, ...place, reason: reasonOf(read, found) });
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reason = `it cannot be read: ${message}`;
    report.skip({ file: path, offset: reader.offset, line: undefined, reason });
  } finally {
    await reader.close();
  }
  return undefined;
}

function requestsOf(
  { line, bytes }: FileMessage,
  known: KnownSignals,
): MessageRequests | Promise<MessageRequests> {
  return line === undefined ? toRequests(bytes, known) : jsonRequests(bytes, known.wanted);
}

function reasonOf(
  read: { readonly kind: 'nameless' } | { readonly kind: 'skipped'; readonly reason: string },
  found: { readonly kind: 'skipped' } | FileMessage,
): string {
  if (read.kind === 'nameless') return 'protobuf does not tell its signal: give --signal';
  const isTorn = found.kind === 'message' && found.isOpenEnded;
  return isTorn ? `the last line is torn: ${read.reason}` : read.reason;
}

function placeText(path: string, { offset, line }: { offset: number; line: number | undefined }) {
  return line === undefined ? `${path}: at byte ${offset}` : `${path}:${line}`;
}

/** True if the file begins with protobuf and neither its name nor an option gives the signal. */
export async function isNameless(
  storage: Storage,
  path: string,
  format: ImportFormat | undefined,
): Promise<boolean> {
  if (signalOfFileName(path) !== undefined) return false;
  const reader = new ByteReader(fileChunks(storage, path, () => {}));
  try {
    for await (const found of readMessages(reader, format)) {
      if (found.kind === 'skipped') continue;
      const known = { ofProtobuf: undefined, wanted: undefined };
      return (await requestsOf(found, known)).kind === 'nameless';
    }
    return false;
  } finally {
    await reader.close();
  }
}
