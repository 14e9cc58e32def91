/** The members of a Metric's oneof `data`: one for each type of metric. */
import {
  exponentialHistogramMessage,
  gaugeMessage,
  histogramMessage,
  sumMessage,
  summaryMessage,
} from '../wire/known-fields.ts';
import { bytesType } from '../wire/wire-reader.ts';

/** Used instead of a member's tag if no member is set. */
export const noDataTag: u32 = 0;
export const gaugeTag: u32 = (5 << 3) | bytesType;
export const sumTag: u32 = (7 << 3) | bytesType;
export const histogramTag: u32 = (9 << 3) | bytesType;
export const exponentialHistogramTag: u32 = (10 << 3) | bytesType;
export const summaryTag: u32 = (11 << 3) | bytesType;

/** The field of each member that holds the data points. */
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

/** Returns the text of the column `type`. */
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

/** Returns the number of the member's message (known-fields.ts). */
export function messageOf(tag: u32): u32 {
  switch (tag) {
    case gaugeTag:
      return gaugeMessage;
    case sumTag:
      return sumMessage;
    case histogramTag:
      return histogramMessage;
    case exponentialHistogramTag:
      return exponentialHistogramMessage;
    default:
      return summaryMessage;
  }
}

export function hasTemporality(tag: u32): bool {
  return tag === sumTag || tag === histogramTag || tag === exponentialHistogramTag;
}
