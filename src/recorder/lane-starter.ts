/** Prepares what each lane is started with: the directory, free space, the decoder, its memory. */
import { createDecoderMemory } from '../columns/request-decoder.ts';
import { schemaMessage } from '../columns/schema.ts';
import type { Config } from '../config/config.ts';
import type { Storage } from '../disk/storage.ts';
import type { LaneStart } from '../lane/lane-messages.ts';
import type { SealedSegments } from '../retention/sealed-segments.ts';
import { createHeartbeats } from '../ring/heartbeat.ts';
import { createLaneProgress } from '../ring/lane-progress.ts';
import { createTallies } from '../ring/tallies.ts';
import { signals } from '../shared/signal.ts';
import { packageVersion } from '../shared/version.ts';
import { compileDecoder } from './decoder-module.ts';
import type { HeldDirectory } from './held-directory.ts';
import type { StartLane } from './lane-supervisor.ts';

/** What a lane shares with the main thread, and with the lane that follows it if it dies. */
export type LaneMemory = Pick<LaneStart, 'tallies' | 'progress' | 'heartbeats'>;

export interface LaneStarterOptions {
  readonly storage: Storage;
  readonly directory: Pick<HeldDirectory, 'take'>;
  readonly archive: Pick<SealedSegments, 'prepare'>;
  /** Returns the configuration of the last reload. */
  readonly config: () => Config;
  readonly shared: LaneMemory;
}

export function createLaneMemory(laneCount: number, threadCount: number): LaneMemory {
  const [tallies, progress] = [createTallies(laneCount), createLaneProgress(laneCount)];
  return { tallies, progress, heartbeats: createHeartbeats(threadCount) };
}

/** Every lane gets a decoder memory of its own; the decoder is compiled once. */
export function laneStarter(options: LaneStarterOptions): StartLane {
  const { storage, directory, archive, config, shared } = options;
  let compiled: Promise<WebAssembly.Module> | undefined;
  return async () => {
    compiled ??= compileDecoder(storage);
    const decoderModule = await compiled;
    const attempt = await directory.take();
    if ('waitsFor' in attempt) return attempt;
    const { recorderId } = attempt;
    await archive.prepare(recorderId);
    const memory = createDecoderMemory();
    const schemaMessages = schemaMessagesOf(recorderId);
    return {
      config: config(),
      lane: 0,
      recorderId,
      decoderModule,
      schemaMessages,
      memory,
      ...shared,
    };
  };
}

function schemaMessagesOf(recorderId: string): LaneStart['schemaMessages'] {
  const writer = `otlp-archer ${packageVersion()}`;
  const schemas = signals.map((signal) => {
    return [signal, schemaMessage(signal, { writer, recorder: recorderId })] as const;
  });
  return Object.fromEntries(schemas);
}
