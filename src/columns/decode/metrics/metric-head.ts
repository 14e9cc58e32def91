/** Reads what all points of a Metric have in common: name, unit, type and so on. */
import { ByteBuffer } from '../memory/byte-buffer.ts';
import { endObject, readAttribute, startObject } from '../value/json-object.ts';
import { FrameText } from '../wire/frame-text.ts';
import { metricMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, varintType, Wire } from '../wire/wire-reader.ts';
import {
  description,
  isMonotonic,
  metadata,
  metricIndex,
  name,
  temporality,
  type,
  unit,
} from './metric-columns.ts';
import { hasTemporality, messageOf, noDataTag, sumTag, typeName } from './metric-data.ts';

const nameTag: u32 = (1 << 3) | bytesType;
const descriptionTag: u32 = (2 << 3) | bytesType;
const unitTag: u32 = (3 << 3) | bytesType;
const metadataTag: u32 = (12 << 3) | bytesType;

/** The first field belongs to Sum, Histogram and ExponentialHistogram, the second to Sum alone. */
const temporalityTag: u32 = (2 << 3) | varintType;
const isMonotonicTag: u32 = (3 << 3) | varintType;

/** JSON of the metadata so far; empty while there is none. Metrics seldom have metadata. */
export const metadataText: ByteBuffer = new ByteBuffer(1024);

const nameText = new FrameText();
const descriptionText = new FrameText();
const unitText = new FrameText();
let contentStart: u32 = 0;
let dataTag: u32 = noDataTag;
let temporalityNumber: i32 = 0;
let isMonotonicSum: bool = false;

/** Begins a Metric, which has no data yet. */
export function startHead(): void {
  nameText.clear();
  descriptionText.clear();
  unitText.clear();
  startData(noDataTag);
}

/** Clears the last Metric's text, and frees memory that only a burst has needed. */
export function closeHead(): void {
  if (metadataText.bytes > 0) metadataText.reset();
}

/** Reads a field of the Metric that is not its data. */
export function readHeadField(tag: u32, end: usize): void {
  switch (tag) {
    case nameTag:
      nameText.read(end);
      break;
    case descriptionTag:
      descriptionText.read(end);
      break;
    case unitTag:
      unitText.read(end);
      break;
    case metadataTag:
      readMetadata(end);
      break;
    default:
      skipField(tag, end, metricMessage);
  }
}

/** Begins a member of `data`. What an earlier member has set is cleared. */
export function startData(tag: u32): void {
  dataTag = tag;
  temporalityNumber = 0;
  isMonotonicSum = false;
}

/** Reads a field of the data that is not a point. */
export function readDataField(tag: u32, end: usize): void {
  if (tag === temporalityTag && hasTemporality(dataTag)) {
    temporalityNumber = <i32>Wire.readVarint32(end);
  } else if (tag === isMonotonicTag && dataTag === sumTag) {
    isMonotonicSum = Wire.readVarint(end) !== 0;
  } else {
    skipField(tag, end, messageOf(dataTag));
  }
}

/** Ends the Metric with number `index` in its scope group, which has `rows` rows. */
export function endHead(firstRow: u32, rows: u32, index: u32): void {
  name.append(rows, nameText.address, nameText.bytes);
  description.append(rows, descriptionText.address, descriptionText.bytes);
  unit.append(rows, unitText.address, unitText.bytes);
  type.appendAscii(rows, typeName(dataTag));
  if (hasTemporality(dataTag)) temporality.appendNumber(rows, temporalityNumber);
  else temporality.appendNull(rows);
  if (dataTag === sumTag) isMonotonic.fill(firstRow, rows, isMonotonicSum);
  if (metadataText.bytes > 0) endObject(metadataText);
  if (metadataText.bytes > 0) metadata.append(rows, metadataText.address, metadataText.bytes);
  else metadata.appendAscii(rows, '{}');
  metricIndex.append(rows, index);
}

function readMetadata(end: usize): void {
  if (metadataText.capacity === 0) metadataText.open();
  if (metadataText.bytes === 0) contentStart = startObject(metadataText);
  readAttribute(metadataText, contentStart, end);
}
