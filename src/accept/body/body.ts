/** Gathers the body of an HTTP request within all limits and inflates it on the way. */
import type { Readable, Transform } from 'node:stream';
import type { BodyLimits } from './body-limits.ts';
import { ChunkList } from './chunk-list.ts';
import { type BodyEncoding, createInflate, inflateBlockBytes } from './inflate.ts';
import { inflateZstdWithin } from './zstd-body.ts';

/** The bytes of a `body` are still reserved in the budget; other results have released theirs. */
export type BodyResult =
  | { readonly kind: 'body'; readonly chunks: readonly Uint8Array[]; readonly bytes: number }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'no_room' }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'aborted' };

/**
 * Calls `done` once. For a `body` the source has been read to its end. After any other result the
 * source goes on flowing, and the rest of it is dropped.
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

/** A gzip body may consist of several members, one after the other. */
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
    // The source pauses at the high-water mark, which bounds the bytes that wait to be inflated.
    else if (!inflate.write(chunk)) source.pause();
  });
  source.on('end', () => {
    ended = true;
    inflate.end();
  });
  // A request closes after its end, possibly before all of it has been inflated.
  endWith(source, () => ended || gathering.fail({ kind: 'aborted' }));
  inflate.on('drain', () => source.resume());
  inflate.on('data', (chunk: Uint8Array) => gathering.take(ownPiece(chunk)));
  inflate.on('end', () => gathering.finish());
  inflate.on('error', ({ message }) => {
    const reason = `its ${encoding} data cannot be read (${message})`;
    gathering.fail({ kind: 'malformed', reason });
  });
}

/** Releases the reservation of the compressed bytes and reserves the inflated ones. */
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

/** Copies a chunk that would keep a block of more than twice its size alive. */
function ownPiece(chunk: Uint8Array): Uint8Array {
  return chunk.length < inflateBlockBytes / 2 ? new Uint8Array(chunk) : chunk;
}

/** Resumes a paused source so that the rest of it can be dropped. */
function stopInflating(source: Readable, inflate: Transform): void {
  inflate.destroy();
  source.resume();
}

/** Calls `abort` if the source closes; after its regular end that changes nothing any more. */
function endWith(source: Readable, abort: () => void): void {
  source.on('error', abort);
  source.on('close', abort);
}

/** Gathers the chunks for all encodings: counts and reserves bytes, and calls back once. */
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
