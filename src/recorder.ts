/** The composition root of the main thread: opens a recorder's parts and joins them. */
import { fileURLToPath } from 'node:url';
import type { LaneLayout } from './buffer/layout.ts';
import { createRequestCounts, readRequestCounts } from './buffer/request-counts.ts';
import { createTallies, readTallies } from './buffer/tallies.ts';
import { createDecoderMemory } from './columns/request-decoder.ts';
import { schemaMessage } from './columns/schema.ts';
import type { Config } from './config.ts';
import { openIdentity } from './disk/identity.ts';
import { readSmallFile } from './disk/small-file.ts';
import { nodeStorage } from './disk/storage.ts';
import { type LaneClient, openLaneClient } from './lane-client.ts';
import { listenFault } from './listen-fault.ts';
import { openReceiverClient } from './receiver-client.ts';
import type { RecorderView } from './serve/recorder-view.ts';
import { type OpenServer, openServer } from './serve/server.ts';
import type { Journal } from './shared/journal.ts';
import type { Signal } from './shared/signal.ts';
import { packageVersion } from './version.ts';
import type { ReceiverStart, RowCounts, SegmentSealed } from './worker-messages.ts';

/** The signals that are recorded; senders of the others are told so. */
const recordedSignals: readonly Signal[] = ['traces'];

/** A lane answers a command within a batch's writing; a disk that hangs must not hang the asker. */
const commandMsMax = 10_000;

/** A stop lets requests that are being received end, but not for ever. */
const shutdownGraceMs = 5_000;

/** Many times what the decoder has. */
const decoderBytesMax = 16 * 1024 * 1024;

export interface RecorderPorts {
  /** Null for a listener that is off. */
  readonly grpc: number | null;
  readonly http: number | null;
  readonly dashboard: number | null;
}

/** What one run has sealed. */
export interface RecorderSummary {
  readonly rows: RowCounts;
  readonly segments: number;
  readonly bytes: number;
}

export interface Recorder {
  readonly ports: RecorderPorts;
  /** Resolves with the reason when the recorder cannot go on; then shut it down. */
  readonly failed: Promise<string>;
  /** Stops accepting, gives open requests at most 5 s to end, drains and seals. */
  shutdown(): Promise<RecorderSummary>;
}

/** Rejects with one line that names what is at fault and the remedy. */
export async function openRecorder(config: Config, journal: Journal): Promise<Recorder> {
  const recorderId = openDirectory(config.output_dir);
  const counts = { tallies: createTallies(config.lanes), requests: createRequestCounts() };
  const memory = createDecoderMemory();
  const totals = new RunTotals(journal);
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const lane = await openLane(config, recorderId, memory, counts.tallies, journal, totals);
    closers.unshift(() => lane.command('stop', commandMsMax));
    const receiver = await openReceiverClient(
      receiverStart(config, memory, lane.layout, counts.requests),
      journal,
    );
    closers.unshift(() => receiver.stop(shutdownGraceMs));
    const dashboard = await openDashboard(config, viewOf(lane, counts));
    if (dashboard !== undefined) closers.unshift(() => dashboard.close());
    return {
      ports: { ...receiver.ports, dashboard: dashboard?.port ?? null },
      failed: Promise.race([lane.died, receiver.died]),
      shutdown: async () => {
        await closeAll(closers);
        return totals.summary();
      },
    };
  } catch (error) {
    await closeAll(closers).catch(() => {});
    throw error;
  }
}

async function closeAll(closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closers) await close();
}

/** Makes the output directory where it is missing; returns the recorder's id. */
function openDirectory(outputDir: string): string {
  try {
    nodeStorage.makeFolder(outputDir);
    return openIdentity(nodeStorage, outputDir);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`output_dir ${outputDir} cannot be written: ${message}; choose another`);
  }
}

async function openLane(
  config: Config,
  recorderId: string,
  memory: WebAssembly.Memory,
  tallies: SharedArrayBuffer,
  journal: Journal,
  totals: RunTotals,
): Promise<LaneClient> {
  const writer = `otlp-archer ${packageVersion()}`;
  const schemas = recordedSignals.map((signal) => {
    return [signal, schemaMessage(signal, { writer, recorder: recorderId })] as const;
  });
  const start = {
    ...{ config, lane: 0, recorderId, memory, tallies },
    decoderModule: await compileDecoder(),
    schemaMessages: Object.fromEntries(schemas),
  };
  return openLaneClient(start, journal, (segment) => totals.add(segment));
}

/** Compiled once here; a lane only makes an instance of it. */
async function compileDecoder(): Promise<WebAssembly.Module> {
  const path = fileURLToPath(new URL('./columns/decoder/decoder.wasm', import.meta.url));
  const bytes = readSmallFile(nodeStorage, path, decoderBytesMax);
  if (bytes === undefined) throw new Error(`${path} is missing: run npm run build`);
  return WebAssembly.compile(bytes);
}

function receiverStart(
  config: Config,
  memory: WebAssembly.Memory,
  layout: LaneLayout,
  requestCounts: SharedArrayBuffer,
): ReceiverStart {
  return { config, signals: recordedSignals, memory, layout, ringIndex: 0, requestCounts };
}

async function openDashboard(config: Config, view: RecorderView): Promise<OpenServer | undefined> {
  if (!config['dashboard.enabled']) return undefined;
  const host = config['dashboard.host'];
  const port = config['dashboard.port'];
  const access = {
    host,
    allowedHosts: config['dashboard.allowed_hosts'],
    bearerToken: config['dashboard.bearer_token'],
  };
  try {
    return await openServer({ host, port, access, view });
  } catch (error) {
    throw new Error(listenFault('dashboard', host, port, error));
  }
}

function viewOf(
  lane: LaneClient,
  counts: { readonly tallies: SharedArrayBuffer; readonly requests: SharedArrayBuffer },
): RecorderView {
  let laneFault: string | undefined;
  void lane.died.then((reason) => {
    laneFault = reason;
  });
  return {
    itemCounts: () => {
      const tallies = readTallies(counts.tallies);
      return Object.fromEntries(recordedSignals.map((signal) => [signal, tallies[signal]]));
    },
    requestCounts: () => readRequestCounts(counts.requests),
    healthChecks: () => [
      laneFault === undefined
        ? { name: 'lane', status: 'ok', detail: 'recording' }
        : { name: 'lane', status: 'failing', detail: laneFault },
    ],
    flush: async () => (await lane.command('flush', commandMsMax)).rows,
    rotate: async () => (await lane.command('rotate', commandMsMax)).sealed,
  };
}

/** What this run has sealed, and a line in the journal for each segment. */
class RunTotals {
  readonly #journal: Journal;
  readonly #rows: RowCounts = {};
  #segments = 0;
  #bytes = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  add({ signal, path, rows, bytes, reason }: SegmentSealed): void {
    this.#rows[signal] = (this.#rows[signal] ?? 0) + rows;
    this.#segments++;
    this.#bytes += bytes;
    this.#journal.write('info', 'sealed a segment', { path, rows, bytes, reason });
  }

  summary(): RecorderSummary {
    return { rows: { ...this.#rows }, segments: this.#segments, bytes: this.#bytes };
  }
}
