/** Requests in which every field of the .proto files is set, to find a field that a table lacks. */
import protobuf from 'protobufjs';
import { requestType } from '../../../src/shared/otlp-messages.ts';
import type { Signal } from '../../../src/shared/signal.ts';
import { canonicalRequest } from '../canonical-request.ts';

/** The member that is set in these oneofs; in the others it is the first. */
export type Members = readonly string[];

/** Returns the request in canonical encoding. */
export function fullRequest(signal: Signal, members: Members): Buffer {
  const type = requestType(signal);
  const object = type.fromObject(fill(type, members, 1));
  return canonicalRequest(signal, type.encode(object).finish());
}

/** Fields of the profiles signal, and entities, which have no column. */
const strangers = new Set(['entityRefs', 'keyStrindex', 'stringValueStrindex']);

function fill(type: protobuf.Type, members: Members, start: number): Record<string, unknown> {
  const fields = type.fieldsArray.filter(({ name }) => !strangers.has(name));
  const set = fields.filter(({ name, partOf }) => {
    if (partOf === null || partOf.fieldsArray.length === 1) return true;
    const chosen = partOf.fieldsArray.find((other) => members.includes(other.name));
    return name === (chosen ?? partOf.fieldsArray[0])?.name;
  });
  const entries = set.map((field, index) => {
    const value = fillValue(field, members, start + index);
    return [field.name, field.repeated ? [value, value] : value] as const;
  });
  return Object.fromEntries(entries);
}

function fillValue(
  { type, resolvedType }: protobuf.Field,
  members: Members,
  seed: number,
): unknown {
  if (resolvedType instanceof protobuf.Type) return fill(resolvedType, members, seed);
  if (type === 'string') return `text ${seed}`;
  if (type === 'bytes') return Buffer.alloc(8, seed);
  return type === 'bool' ? true : (seed % 2) + 1;
}
