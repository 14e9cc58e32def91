/** What a format makes of an archive, as one piece, with what was told on the way. */

import { ExportSource } from '../../../src/commands/export/export-source.ts';
import type { ArchiveFault } from '../../../src/query/archive-reader.ts';
import type { RowFilter } from '../../../src/query/row-filter.ts';
import type { Signal } from '../../../src/shared/signal.ts';
import { sampledSignals } from '../../columns/sampled-signals.ts';
import { ArchiveBuilder } from '../../query/archive-builder.ts';
import type { TestRandom } from '../../random.ts';

export interface OpenSource {
  readonly source: ExportSource;
  readonly faults: ArchiveFault[];
}

export function openSource(
  { reader }: ArchiveBuilder,
  signal: Signal,
  filter: RowFilter = {},
): OpenSource {
  const faults: ArchiveFault[] = [];
  const plan = reader.plan(signal, filter);
  const onFault = (fault: ArchiveFault) => faults.push(fault);
  const source = new ExportSource({ reader, plan, onFault, onBytes: () => {} });
  return { source, faults };
}

export async function encodedBy(
  encode: (source: ExportSource) => AsyncIterable<Uint8Array>,
  source: ExportSource,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encode(source)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Random requests of a signal in three batches of two segments. */
export function randomArchive(random: TestRandom, signal: Signal, irregularity = 0.02) {
  const sampled = sampledSignals.find((candidate) => candidate.signal === signal)!;
  const requests = new sampled.Requests(random, { irregularity });
  const several = () => Array.from({ length: 20 }, () => requests.request());
  const builder = new ArchiveBuilder();
  const sent = [
    ...builder.segment([several(), several()], { signal }).requests,
    ...builder.segment([several()], { signal, form: 'active' }).requests,
  ];
  return { builder, sent };
}
