/** Damages segments as a faulty disk would. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readMessages, type StreamMessage } from '../../src/disk/ipc/ipc-reader.ts';
import { nodeStorage } from '../../src/disk/storage.ts';

export function batchMessages(path: string): StreamMessage[] {
  const isBatch = (item: { kind: string }): item is StreamMessage => item.kind === 'recordBatch';
  const file = nodeStorage.open(path, 'read');
  const items = [...readMessages(nodeStorage, file)];
  nodeStorage.close(file);
  return items.filter(isBatch);
}

export function changeByte(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset]! ^= 0xff;
  writeFileSync(path, bytes);
}

export function damageFirstBody(path: string): void {
  changeByte(path, batchMessages(path)[0]!.bodyOffset);
}
