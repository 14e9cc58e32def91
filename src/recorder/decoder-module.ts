/** Compiles the decoder once on the main thread; each lane only makes an instance of it. */
import { fileURLToPath } from 'node:url';
import { readHead } from '../disk/file-range.ts';
import type { Storage } from '../disk/storage.ts';
import { ArcherError, problem } from '../shared/errors.ts';

const decoderPath = fileURLToPath(new URL('../columns/decode/decoder.wasm', import.meta.url));

/** Many times the size of the decoder. */
const decoderBytesMax = 1024 * 1024;

/** Rejects with ERR_ARCHER_INSTALLATION_BROKEN if the file is missing. */
export async function compileDecoder(
  storage: Storage,
  path = decoderPath,
): Promise<WebAssembly.Module> {
  const bytes = readHead(storage, path, decoderBytesMax);
  if (bytes === undefined) {
    throw new ArcherError(problem('ERR_ARCHER_INSTALLATION_BROKEN', { path }));
  }
  return WebAssembly.compile(bytes);
}
