/** The tags of AnyValue's members, at most one of which is set. */
import { bytesType, fixed64Type, varintType } from '../wire/wire-reader.ts';

export const stringTag: u32 = (1 << 3) | bytesType;
export const boolTag: u32 = (2 << 3) | varintType;
export const intTag: u32 = (3 << 3) | varintType;
export const doubleTag: u32 = (4 << 3) | fixed64Type;
export const arrayTag: u32 = (5 << 3) | bytesType;
export const listTag: u32 = (6 << 3) | bytesType;
export const bytesTag: u32 = (7 << 3) | bytesType;
/** The index of a string in a table that exists in the profiles signal alone. */
export const stringIndexTag: u32 = (8 << 3) | varintType;

/** Used instead of a tag if no member is set. */
export const nothing: u32 = 0;

export function isMember(tag: u32): bool {
  switch (tag) {
    case stringTag:
    case boolTag:
    case intTag:
    case doubleTag:
    case arrayTag:
    case listTag:
    case bytesTag:
    case stringIndexTag:
      return true;
    default:
      return false;
  }
}
