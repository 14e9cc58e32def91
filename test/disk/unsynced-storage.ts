/** The machine's disk without waiting for syncs, for tests without power loss. */
import { nodeStorage, type Storage } from '../../src/disk/storage.ts';

/** Syncing something that cannot be synced still fails. */
export const unsyncedStorage: Storage = {
  ...nodeStorage,
  syncData: (file) => {
    nodeStorage.statOpen(file);
  },
  syncFolder: (path) => nodeStorage.close(nodeStorage.open(path, 'read')),
};
