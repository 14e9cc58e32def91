/** The members of a Metric's oneof `data`: one for each type of metric. */
import { bytesType } from '../wire/wire-reader.ts';

/** In the place of a member's tag: none is set. */
export const noDataTag: u32 = 0;
export const gaugeTag: u32 = (5 << 3) | bytesType;
export const sumTag: u32 = (7 << 3) | bytesType;
export const histogramTag: u32 = (9 << 3) | bytesType;
export const exponentialHistogramTag: u32 = (10 << 3) | bytesType;
export const summaryTag: u32 = (11 << 3) | bytesType;

/** In each member. */
export const pointTag: u32 = (1 << 3) | bytesType;

export function isData(tag: u32): bool {
  switch (tag) {
    case gaugeTag:
    case sumTag:
    case histogramTag:
    case exponentialHistogramTag:
    case summaryTag:
      return true;
    default:
      return false;
  }
}

/** The text of column `type`. */
export function typeName(tag: u32): string {
  switch (tag) {
    case gaugeTag:
      return 'gauge';
    case sumTag:
      return 'sum';
    case histogramTag:
      return 'histogram';
    case exponentialHistogramTag:
      return 'exponential_histogram';
    case summaryTag:
      return 'summary';
    default:
      return 'none';
  }
}

export function hasTemporality(tag: u32): bool {
  return tag === sumTag || tag === histogramTag || tag === exponentialHistogramTag;
}
