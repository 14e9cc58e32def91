/** The machine's disk without the waiting: for tests in which nobody loses power. */
import { nodeStorage, type Storage } from '../../src/disk/storage.ts';

/** What cannot be synced fails as it would. */
export const unsyncedStorage: Storage = {
  ...nodeStorage,
  syncData: (file) => {
    nodeStorage.statOpen(file);
  },
  syncFolder: (path) => nodeStorage.close(nodeStorage.open(path, 'read')),
};
