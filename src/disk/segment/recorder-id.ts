/** `.archer/id`: the recorder's UUID, made once; it stands in all that is written here. */
import { randomUUID } from 'node:crypto';
import { readHead } from '../file-range.ts';
import { identityPath, privatePath } from '../layout.ts';
import { writeFileAtomically } from '../small-file.ts';
import type { Storage } from '../storage.ts';
import { readCheckpoint } from './checkpoint.ts';

const uuidLinePattern = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\n$/;

/** A UUID and its newline have 37; one more tells that something follows. */
const identityBytesMax = 38;

/**
 * The recorder's id. One that is lost or damaged is taken from the checkpoint, so that recovery
 * still knows its own segments; only where that is not sound either, a new one is made.
 */
export function openIdentity(storage: Storage, outputDir: string): string {
  const known = readHead(storage, identityPath(outputDir), identityBytesMax);
  const id = known && uuidLinePattern.exec(Buffer.from(known).toString('utf8'))?.[1];
  if (id !== undefined) return id;
  const made = checkpointIdentity(storage, outputDir) ?? randomUUID();
  writeIdentity(storage, outputDir, made);
  return made;
}

/** Whether somebody has taken the file away. */
export function isIdentityMissing(storage: Storage, outputDir: string): boolean {
  return storage.stat(identityPath(outputDir)) === undefined;
}

/** Durable when it returns. */
export function writeIdentity(storage: Storage, outputDir: string, id: string): void {
  storage.makeFolder(privatePath(outputDir));
  writeFileAtomically(storage, identityPath(outputDir), Buffer.from(`${id}\n`));
  storage.syncFolder(outputDir);
}

function checkpointIdentity(storage: Storage, outputDir: string): string | undefined {
  const checkpoint = readCheckpoint(storage, outputDir);
  return typeof checkpoint === 'string' ? undefined : checkpoint.recorder;
}
