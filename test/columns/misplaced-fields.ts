/** Finds known fields with another wire type than their own, from the .proto files alone. */
import protobuf from 'protobufjs';
import { requestType } from '../../src/shared/otlp-messages.ts';
import type { Signal } from '../../src/shared/signal.ts';

const lengthDelimited = 2;

/** Fields of the .proto files that the decoder treats as unknown. */
export const unknownToColumns = new Set(['entityRefs', 'keyStrindex']);

/**
 * Tells what reading a request from its start meets first: a known field with another wire type than
 * its own, or bytes that no reader can parse. A request that has both is refused for either reason,
 * because the decoder reads some fields of a message later than they stand in it.
 */
export function firstFault(
  signal: Signal,
  request: Uint8Array,
): 'none' | 'misplaced field' | 'unreadable' {
  try {
    return isMisplacedIn(requestType(signal), request) ? 'misplaced field' : 'none';
  } catch {
    return 'unreadable';
  }
}

function isMisplacedIn(type: protobuf.Type, message: Uint8Array): boolean {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = Number(reader.uint64().toString());
    const wireType = tag & 7;
    const known = type.fieldsById[Math.floor(tag / 8)];
    if (known === undefined || unknownToColumns.has(known.name)) {
      reader.skipType(wireType);
      continue;
    }
    if (!wireTypesOf(known).includes(wireType)) return true;
    const { resolvedType } = known;
    if (resolvedType instanceof protobuf.Type) {
      if (isMisplacedIn(resolvedType, reader.bytes())) return true;
    } else reader.skipType(wireType);
  }
  return false;
}

/** The wire types that a field may have; a repeated number may also be packed. */
export function wireTypesOf({ type, resolvedType, repeated }: protobuf.Field): number[] {
  if (resolvedType instanceof protobuf.Enum) return [0];
  const own = protobuf.types.basic[type as keyof typeof protobuf.types.basic];
  if (own === undefined) return [lengthDelimited];
  return repeated && type in protobuf.types.packed ? [own, lengthDelimited] : [own];
}
