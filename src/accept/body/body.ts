/** Gathers the body of an HTTP request, inflating it on the way, within all limits. */
import type { Readable, Transform } from 'node:stream';
import type { BodyLimits } from './body-limits.ts';
import { ChunkList } from './chunk-list.ts';
import { type BodyEncoding, createInflate, inflateBlockBytes } from './inflate.ts';
import { inflateZstdWithin } from './zstd-body.ts';

/** A whole body holds its bytes reserved; every other result has given them back. */
export type BodyResult =
  | { readonly kind: 'body'; readonly chunks: readonly Uint8Array[]; readonly bytes: number }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'no_room' }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'aborted' };

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
  if (encoding === 'identity') gatherPlain(source, new Gathering(limits, done));
  else if (encoding === 'zstd') {
    const take = (result: BodyResult) => {
      if (result.kind === 'body') void inflateWhole(result, limits).then(done);
      else done(result);
    };
    gatherPlain(source, new Gathering(limits, take));
  } else gatherInflating(source, createInflate(encoding), encoding, new Gathering(limits, done));
}

function gatherPlain(source: Readable, gathering: Gathering): void {
  source.on('data', (chunk: Uint8Array) => gathering.take(chunk));
  source.on('end', () => gathering.finish());
  endWith(source, () => gathering.fail({ kind: 'aborted' }));
}

/** Several members of gzip, one after the other, are one body. */
function gatherInflating(
  source: Readable,
  inflate: Transform,
  encoding: BodyEncoding,
  gathering: Gathering,
): void {
  const compressedBytesMax = gathering.bytesMax;
  let compressedBytes = 0;
  let ended = false;
  gathering.whenFailed(() => stopInflating(source, inflate));
  source.on('data', (chunk: Uint8Array) => {
    if (gathering.over) return;
    compressedBytes += chunk.length;
    if (compressedBytes > compressedBytesMax) gathering.fail({ kind: 'too_large' });
    // What was not inflated yet is bounded by its high-water mark: the source waits meanwhile.
    else if (!inflate.write(chunk)) source.pause();
  });
  source.on('end', () => {
    ended = true;
    inflate.end();
  });
  // Once a request has ended its stream closes, while it may still be being inflated.
  endWith(source, () => ended || gathering.fail({ kind: 'aborted' }));
  inflate.on('drain', () => source.resume());
  inflate.on('data', (chunk: Uint8Array) => gathering.take(ownPiece(chunk)));
  inflate.on('end', () => gathering.finish());
  inflate.on('error', ({ message }) => {
    const reason = `its ${encoding} data cannot be read (${message})`;
    gathering.fail({ kind: 'malformed', reason });
  });
}

/** What the compressed bytes had reserved is given back, and the inflated ones are reserved. */
async function inflateWhole(
  { chunks, bytes }: Extract<BodyResult, { kind: 'body' }>,
  limits: BodyLimits,
): Promise<BodyResult> {
  const inflated = await inflateZstdWithin(Buffer.concat(chunks, bytes), limits);
  limits.budget.release(bytes);
  if (inflated.kind !== 'body') return inflated;
  const { length } = inflated.bytes;
  if (!limits.budget.reserve(length)) return { kind: 'no_room' };
  return { kind: 'body', chunks: [inflated.bytes], bytes: length };
}

/** Copies what would keep a block of more than twice its size alive while the body waits. */
function ownPiece(chunk: Uint8Array): Uint8Array {
  return chunk.length < inflateBlockBytes / 2 ? new Uint8Array(chunk) : chunk;
}

/** A source that was made to wait flows on, so that what is left of it can be dropped. */
function stopInflating(source: Readable, inflate: Transform): void {
  inflate.destroy();
  source.resume();
}

/** A source that breaks off closes without having ended, with an error or without one. */
function endWith(source: Readable, abort: () => void): void {
  source.on('error', abort);
  source.on('close', abort);
}

/** What all encodings share: counts, reserves, and calls back once. */
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

  get bytesMax(): number {
    return this.#limits.requestBytesMax;
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
