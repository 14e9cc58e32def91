/** Converts streams to Arrow IPC files in memory. */

import { sealAsFile } from '../../src/disk/segment/sealed-file.ts';
import { finish } from './finish.ts';
import { emptyArchive, outputDir, pathOf } from './left-archive.ts';
import type { VolatileStorage } from './volatile-storage.ts';

/** Returns the staged path `_traces-….arrows` of a segment's path. */
export function stagedPath(path: string): string {
  return path.replace(/\/([^/]+)\.arrow$/, '/_$1.arrows');
}

export function putStaged(storage: VolatileStorage, number: number, stream: Uint8Array): string {
  const path = stagedPath(pathOf({ number }));
  storage.makeFolder(`${outputDir}/${path.slice(0, path.lastIndexOf('/'))}`);
  storage.put(`${outputDir}/${path}`, stream);
  return path;
}

/** Returns the file that a sealed stream becomes. */
export function fileOf(stream: Uint8Array): Buffer {
  const storage = emptyArchive();
  const path = finish(sealAsFile(storage, outputDir, putStaged(storage, 1, stream)));
  if (path === undefined) throw new Error('the stream is not sealed');
  return Buffer.from(storage.bytesOf(`${outputDir}/${path}`));
}
