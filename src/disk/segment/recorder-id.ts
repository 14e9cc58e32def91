/** `.archer/id`: the recorder's UUID. It is made once and stored in every file of the recorder. */
import { randomUUID } from 'node:crypto';
import { readHead } from '../file-range.ts';
import { identityPath, privatePath } from '../layout.ts';
import { writeFileAtomically } from '../small-file.ts';
import type { Storage } from '../storage.ts';
import { readCheckpoint } from './checkpoint.ts';

const uuidLinePattern = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\n$/;

/** A UUID and a line feed take 37 bytes. One more byte shows that something follows. */
const identityBytesMax = 38;

/**
 * Returns the recorder's id. If the file is missing or damaged, the id comes from the checkpoint,
 * so that recovery still recognizes its segments. Only if that is damaged too, a new id is made.
 */
export function openIdentity(storage: Storage, outputDir: string): string {
  const known = readHead(storage, identityPath(outputDir), identityBytesMax);
  const id = known && uuidLinePattern.exec(Buffer.from(known).toString('utf8'))?.[1];
  if (id !== undefined) return id;
  const made = checkpointIdentity(storage, outputDir) ?? randomUUID();
  writeIdentity(storage, outputDir, made);
  return made;
}

/** True if somebody removed the file. */
export function isIdentityMissing(storage: Storage, outputDir: string): boolean {
  return storage.stat(identityPath(outputDir)) === undefined;
}

/** Replaces the id durably. */
export function writeIdentity(storage: Storage, outputDir: string, id: string): void {
  storage.makeFolder(privatePath(outputDir));
  writeFileAtomically(storage, identityPath(outputDir), Buffer.from(`${id}\n`));
  storage.syncFolder(outputDir);
}

function checkpointIdentity(storage: Storage, outputDir: string): string | undefined {
  const checkpoint = readCheckpoint(storage, outputDir);
  return typeof checkpoint === 'string' ? undefined : checkpoint.recorder;
}
