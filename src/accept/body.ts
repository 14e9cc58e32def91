/** Gathers the body of an HTTP request, inflating it on the way, within all limits. */
import type { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { ChunkList } from './chunk-list.ts';

export type BodyEncoding = 'identity' | 'gzip';

/** A whole body holds its bytes reserved; every other result has given them back. */
export type BodyResult =
  | { readonly kind: 'body'; readonly chunks: readonly Uint8Array[]; readonly bytes: number }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'no_room' }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'aborted' };

/** The budget of bodies in flight. */
export interface ByteBudget {
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

export interface BodyLimits {
  /** Before and after decompression. */
  readonly requestBytesMax: number;
  readonly budget: ByteBudget;
}

/**
 * Each block inflated is a round trip to Node's thread pool: 480 KB take a fifth less CPU than with
 * 32 KiB, and twice as much gains little.
 */
const inflateBlockBytes = 65_536;

/**
 * Calls `done` once. Only with a whole body has the source been read to its end; after any other
 * result its rest is still to come, flows on and is dropped here.
 */
export function gatherBody(
  source: Readable,
  encoding: BodyEncoding,
  limits: BodyLimits,
  done: (result: BodyResult) => void,
): void {
  const gathering = new Gathering(limits, done);
  if (encoding === 'gzip') gatherGzip(source, gathering, limits.requestBytesMax);
  else {
    source.on('data', (chunk: Uint8Array) => gathering.take(chunk));
    source.on('end', () => gathering.finish());
    endWith(source, () => gathering.fail({ kind: 'aborted' }));
  }
}

/** Several members one after the other are one body, as gzip has it. */
function gatherGzip(source: Readable, gathering: Gathering, compressedBytesMax: number): void {
  const gunzip = createGunzip({ chunkSize: inflateBlockBytes });
  let compressedBytes = 0;
  let ended = false;
  gathering.whenFailed(() => stopInflating(source, gunzip));
  source.on('data', (chunk: Uint8Array) => {
    if (gathering.over) return;
    compressedBytes += chunk.length;
    if (compressedBytes > compressedBytesMax) gathering.fail({ kind: 'too_large' });
    // What gunzip has not read yet is bounded by its high-water mark: the source waits meanwhile.
    else if (!gunzip.write(chunk)) source.pause();
  });
  source.on('end', () => {
    ended = true;
    gunzip.end();
  });
  // Once a request has ended its stream closes, while gunzip may still be at work.
  endWith(source, () => ended || gathering.fail({ kind: 'aborted' }));
  gunzip.on('drain', () => source.resume());
  gunzip.on('data', (chunk: Uint8Array) => gathering.take(ownPiece(chunk)));
  gunzip.on('end', () => gathering.finish());
  gunzip.on('error', (error) => {
    gathering.fail({
      kind: 'malformed',
      reason: `its gzip data cannot be read (${error.message})`,
    });
  });
}

/** Copies what would keep a block of more than twice its size alive while the body waits. */
function ownPiece(chunk: Uint8Array): Uint8Array {
  return chunk.length < inflateBlockBytes / 2 ? new Uint8Array(chunk) : chunk;
}

/** A source that gunzip had made wait flows on, so that what is left of it can be dropped. */
function stopInflating(source: Readable, gunzip: Gunzip): void {
  gunzip.destroy();
  source.resume();
}

/** A source that breaks off closes without having ended, with an error or without one. */
function endWith(source: Readable, abort: () => void): void {
  source.on('error', abort);
  source.on('close', abort);
}

/** The part that both encodings share: counts, reserves, and calls back once. */
class Gathering {
  readonly #limits: BodyLimits;
  readonly #done: (result: BodyResult) => void;
  readonly #list = new ChunkList();
  #onFailure = () => {};
  over = false;

  constructor(limits: BodyLimits, done: (result: BodyResult) => void) {
    this.#limits = limits;
    this.#done = done;
  }

  whenFailed(onFailure: () => void): void {
    this.#onFailure = onFailure;
  }

  take(chunk: Uint8Array): void {
    if (this.over) return;
    const { requestBytesMax, budget } = this.#limits;
    if (this.#list.bytes + chunk.length > requestBytesMax) this.fail({ kind: 'too_large' });
    else if (!budget.reserve(chunk.length)) this.fail({ kind: 'no_room' });
    else this.#list.push(chunk);
  }

  finish(): void {
    if (this.over) return;
    this.over = true;
    this.#done({ kind: 'body', chunks: this.#list.take(), bytes: this.#list.bytes });
  }

  fail(result: BodyResult): void {
    if (this.over) return;
    this.over = true;
    this.#limits.budget.release(this.#list.bytes);
    this.#onFailure();
    this.#done(result);
  }
}
