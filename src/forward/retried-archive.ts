/**
 * The archive as forwarding reads it: what cannot be read is tried again before it is passed over.
 */
import type { ArchiveFault } from '../query/archive-reader.ts';
import { LaneArchive, type LaneArchiveOptions } from './lane-archive.ts';
import type { ArchivePort } from './request-source.ts';
import type { Warnings } from './warnings.ts';

/**
 * A disk that fails for a moment costs no request; one that is damaged holds nobody up for long.
 */
const attemptsMax = 5;

export interface ForwardArchiveOptions extends Omit<LaneArchiveOptions, 'onFault'> {
  readonly warnings: Warnings;
}

/** Rejects at a fault until it was met so often; then the requests there are left out, and said. */
export function openForwardArchive(options: ForwardArchiveOptions): ArchivePort {
  const attempts = new Map<string, number>();
  const onFault = ({ path, offset, what }: ArchiveFault) => {
    const place = `${path} ${offset}`;
    const count = (attempts.get(place) ?? 0) + 1;
    attempts.set(place, count);
    if (count < attemptsMax) throw new Error(`${path}: ${what}`);
    const message = 'forwarding: requests in the archive cannot be read';
    options.warnings.write(message, { path, offset, what }, 'error');
  };
  return new LaneArchive({ ...options, onFault });
}
