/** A process that takes and releases the lock of a directory on request. */
import { createInterface } from 'node:readline';
import { type DirectoryLock, takeDirectoryLock } from '../../../src/disk/lock/directory-lock.ts';
import { systemProcesses } from '../../../src/disk/lock/process-identity.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { systemClock } from '../../../src/shared/clock.ts';

const [outputDir = ''] = process.argv.slice(2);
const options = {
  storage: nodeStorage,
  outputDir,
  processes: systemProcesses(nodeStorage),
  clock: systemClock,
};
let lock: DirectoryLock | undefined;

const commands: Readonly<Record<string, () => Promise<string>>> = {
  take: async () => {
    const attempt = await takeDirectoryLock(options);
    if (attempt.kind === 'held') return `held ${attempt.holder.pid}`;
    lock = attempt.lock;
    return 'taken';
  },
  ports: async () => {
    for (let port = 1; port <= 50; port++)
      lock?.setPorts({ grpc: port, http: 10 ** (port % 5), dashboard: null });
    return 'told';
  },
  release: async () => {
    lock?.release();
    lock = undefined;
    return 'released';
  },
};

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  // All processes begin in the same millisecond, so that they compete.
  const [command = '', startMs = '0'] = line.split(' ');
  while (Date.now() < Number(startMs));
  console.log(await commands[command]?.());
}
