/** Creates damaged copies of requests, as a bad network, a bug or an attacker would. */
import type { TestRandom } from '../random.ts';
import { join, varint } from './wire-writer.ts';

/** Makes one to four changes at random places. */
export function mutate(random: TestRandom, request: Buffer, other: Buffer): Buffer {
  let mutated: Buffer = Buffer.from(request);
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    mutated = random.pick(mutations)(random, mutated, other);
  }
  return mutated;
}

type Mutation = (random: TestRandom, request: Buffer, other: Buffer) => Buffer;

const mutations: readonly Mutation[] = [
  flipBit,
  changeByte,
  changeByte,
  truncate,
  insertBytes,
  removeBytes,
  changeLength,
  changeLength,
  splice,
  insertTag,
];

function flipBit(random: TestRandom, request: Buffer): Buffer {
  if (request.length === 0) return request;
  request[random.below(request.length)]! ^= 1 << random.below(8);
  return request;
}

function changeByte(random: TestRandom, request: Buffer): Buffer {
  if (request.length === 0) return request;
  request[random.below(request.length)] = random.pick([0, 0x7f, 0x80, 0xff, random.below(256)]);
  return request;
}

function truncate(random: TestRandom, request: Buffer): Buffer {
  return request.subarray(0, random.below(request.length + 1));
}

function insertBytes(random: TestRandom, request: Buffer): Buffer {
  return insert(random, request, random.bytes(1 + random.below(8)));
}

function removeBytes(random: TestRandom, request: Buffer): Buffer {
  const start = random.below(request.length + 1);
  return join(request.subarray(0, start), request.subarray(start + 1 + random.below(8)));
}

/** Makes a small byte a little larger or smaller; most of these are lengths or tags. */
function changeLength(random: TestRandom, request: Buffer): Buffer {
  if (request.length === 0) return request;
  const at = random.below(request.length);
  request[at] = (request[at]! + random.pick([-2, -1, 1, 2])) & 0xff;
  return request;
}

function splice(random: TestRandom, request: Buffer, other: Buffer): Buffer {
  const start = random.below(other.length + 1);
  return insert(random, request, other.subarray(start, start + random.below(64)));
}

/** Inserts a tag with any wire type, and perhaps a huge length behind it. */
function insertTag(random: TestRandom, request: Buffer): Buffer {
  const tag = varint(random.below(random.pick([256, 1024, 2 ** 32])));
  const length = varint(random.pick([0n, 1n, 127n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n]));
  return insert(random, request, random.chance(0.5) ? tag : join(tag, length));
}

function insert(random: TestRandom, request: Buffer, bytes: Uint8Array): Buffer {
  const at = random.below(request.length + 1);
  return join(request.subarray(0, at), bytes, request.subarray(at));
}
