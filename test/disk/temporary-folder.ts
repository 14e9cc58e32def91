/** Temporary folders that are removed when the test file has run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** Creates a new empty folder at each call. */
export function temporaryFolders(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'archer-disk-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  return () => mkdtempSync(join(root, 'case-'));
}
