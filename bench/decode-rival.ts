/**
 * The simple way to the same columns, as the rival: objects of protobufjs, builders of
 * apache-arrow.
 */
import { type Builder, type DataType, Int32, Int64, makeBuilder, Uint32, Utf8 } from 'apache-arrow';
import { requestType } from '../src/shared/otlp-messages.ts';
import type { Signal } from '../src/shared/signal.ts';

export interface Long {
  readonly low: number;
  readonly high: number;
}

export interface AnyValue {
  readonly value?: string;
  readonly stringValue: string;
  readonly boolValue: boolean;
  readonly intValue: Long;
  readonly doubleValue: number;
  readonly kvlistValue: { readonly values: readonly KeyValue[] };
}

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

export interface WithAttributes {
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
}

/** The names of the parts of a signal's requests, and how they become rows. */
export interface RivalSignal<Item> {
  readonly signal: Signal;
  readonly resourceGroups: string;
  readonly scopeGroups: string;
  readonly items: string;
  /** The fields of the columns before those that all signals share. */
  readonly types: readonly DataType[];
  /**
   * Appends the values of those columns for the rows of the item with number `index` in its scope
   * group.
   */
  readonly addRows: (
    item: Item,
    index: number,
    serviceName: string | null,
    add: (values: readonly unknown[]) => void,
  ) => void;
}

interface ResourceGroup {
  readonly resource?: WithAttributes;
  readonly schemaUrl: string;
}

interface ScopeGroup {
  readonly scope?: WithAttributes & { readonly name: string; readonly version: string };
  readonly schemaUrl: string;
}

/**
 * Timestamps are built as int64, which has the same buffers: the builder of timestamps takes
 * milliseconds.
 */
export const ts = new Int64();
export const text = new Utf8();
export const u32 = new Uint32();
export const i32 = new Int32();

const tailTypes: readonly DataType[] = [
  ...[text, text, text, u32, text, text, u32, text],
  ...[ts, new Int64(), i32, i32],
];

export class BuilderColumns<Item> {
  readonly #signal: RivalSignal<Item>;
  readonly #builders: readonly Builder[];
  rows = 0;

  constructor(signal: RivalSignal<Item>) {
    this.#signal = signal;
    const types = [...signal.types, ...tailTypes];
    this.#builders = types.map((type) => makeBuilder({ type, nullValues: [null] }));
  }

  /** Appends the rows of a request. */
  decode(request: Uint8Array, receivedTime: bigint, batchId: bigint): number {
    const rowsBefore = this.rows;
    const { signal, resourceGroups, scopeGroups, items, addRows } = this.#signal;
    const decoded = requestType(signal).decode(request);
    for (const [resourceIndex, group] of partsOf<ResourceGroup>(
      decoded,
      resourceGroups,
    ).entries()) {
      const { resource } = group;
      const service = resource?.attributes.find(({ key }) => key === 'service.name');
      const serviceName = service?.value?.stringValue ?? null;
      const resourceValues = [
        resource ? attributesText(resource.attributes) : null,
        resource?.droppedAttributesCount ?? 0,
        group.schemaUrl,
      ];
      for (const [scopeIndex, part] of partsOf<ScopeGroup>(group, scopeGroups).entries()) {
        const { scope, schemaUrl } = part;
        const tail = [
          scope?.name ?? null,
          scope?.version ?? '',
          attributesText(scope?.attributes ?? []),
          scope?.droppedAttributesCount ?? 0,
          schemaUrl,
          ...resourceValues,
          ...[receivedTime, batchId, resourceIndex, scopeIndex],
        ];
        const add = (values: readonly unknown[]) => this.#append(values, tail);
        for (const [index, item] of partsOf<Item>(part, items).entries())
          addRows(item, index, serviceName, add);
      }
    }
    return this.rows - rowsBefore;
  }

  /** Ends the batch and returns its columns as Arrow data. */
  finish(): number {
    const bytes = this.#builders.reduce((sum, builder) => sum + builder.flush().byteLength, 0);
    this.rows = 0;
    return bytes;
  }

  #append(values: readonly unknown[], tail: readonly unknown[]): void {
    let column = 0;
    for (const value of values) this.#builders[column++]!.append(value);
    for (const value of tail) this.#builders[column++]!.append(value);
    this.rows++;
  }
}

function partsOf<Part>(message: object, name: string): readonly Part[] {
  return (message as Readonly<Record<string, readonly Part[]>>)[name]!;
}

export function integer({ low, high }: Long): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

export function id(bytes: Buffer): string | null {
  return bytes.length === 0 ? null : bytes.toString('hex');
}

/** Converts the kinds of values that the benches send, and no others. */
export function attributesText(attributes: readonly KeyValue[]): string {
  let json = '{';
  for (const { key, value } of attributes) {
    if (json.length > 1) json += ',';
    json += `${JSON.stringify(key)}:${value ? valueText(value) : 'null'}`;
  }
  return `${json}}`;
}

export function valueText(any: AnyValue): string {
  switch (any.value) {
    case 'stringValue':
      return JSON.stringify(any.stringValue);
    case 'boolValue':
      return String(any.boolValue);
    case 'intValue':
      return BigInt.asIntN(64, integer(any.intValue)).toString();
    case 'doubleValue':
      return Number.isInteger(any.doubleValue) ? `${any.doubleValue}.0` : String(any.doubleValue);
    case 'kvlistValue':
      return attributesText(any.kvlistValue.values);
    default:
      return 'null';
  }
}
