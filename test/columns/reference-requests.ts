/** The rows of a request of any signal, from what protobufjs decodes; written for clarity. */
import protobuf from 'protobufjs';
import { requestType } from '../../src/shared/otlp-messages.ts';
import type { Signal } from '../../src/shared/signal.ts';
import { type Row, receivedTime } from './decode/decoder-harness.ts';
import { referenceExtra } from './reference-extra.ts';
import { attributesText, type WithAttributes } from './reference-values.ts';

/**
 * Depth of nested messages, more than the default of protobufjs: three for each of 64 levels, and
 * four.
 */
const nestingMax = 256;

/*
 * protobufjs differs in two things, and is made to agree: it refuses text that is not UTF-8, and
 * lets varints that it skips be longer than ten bytes. EntityRefs, which the decoder steps over
 * without a look inside, are unknown to it here.
 */
protobuf.Reader.prototype.stringVerify = protobuf.Reader.prototype.string;
protobuf.BufferReader.prototype.stringVerify = protobuf.Reader.prototype.string;
protobuf.Reader.recursionLimit = nestingMax;
protobuf.Reader.prototype.skip = skip;
protobuf.BufferReader.prototype.skip = skip;

function skip(this: protobuf.Reader, length?: number): protobuf.Reader {
  if (length === undefined) {
    this.uint64();
    return this;
  }
  if (this.pos + length > this.len) throw new RangeError('index out of range');
  this.pos += length;
  return this;
}

function loadRequestType(signal: Signal): protobuf.Type {
  const type = requestType(signal);
  const resource = type.root.lookupType('opentelemetry.proto.resource.v1.Resource');
  const entityRefs = resource.fields.entityRefs;
  if (entityRefs !== undefined) resource.remove(entityRefs);
  return type;
}

/** The names of the parts of a signal's requests, and how each item becomes rows. */
export interface SignalReference<Item> {
  readonly signal: Signal;
  readonly resourceGroups: string;
  readonly scopeGroups: string;
  readonly items: string;
  /**
   * Returns the columns, without service_name and those that all signals share, of the item at
   * `index`.
   */
  readonly toRows: (item: Item, index: number) => readonly Row[];
}

interface ResourceGroup {
  readonly resource?: WithAttributes | null;
  readonly schemaUrl: string;
}

interface ScopeGroup {
  readonly scope?: Scope | null;
  readonly schemaUrl: string;
}

interface Scope extends WithAttributes {
  readonly name: string;
  readonly version: string;
}

/** Throws if protobufjs refuses the bytes. */
export function referenceRowsOf<Item>(
  reference: SignalReference<Item>,
  request: Uint8Array,
  batchId: bigint,
): Row[] {
  const decoded = loadRequestType(reference.signal).decode(request);
  const resourceGroups = partsOf<ResourceGroup>(decoded, reference.resourceGroups);
  const rows = resourceGroups.flatMap((resourceGroup, resourceIndex) =>
    partsOf<ScopeGroup>(resourceGroup, reference.scopeGroups).flatMap((scopeGroup, scopeIndex) => {
      const tail = {
        ...resourceColumns(resourceGroup),
        ...scopeColumns(scopeGroup),
        received_time: receivedTime,
        batch_id: batchId,
        resource_index: resourceIndex,
        scope_index: scopeIndex,
      };
      const records = partsOf<Item>(scopeGroup, reference.items).flatMap(reference.toRows);
      return records.map((row) => ({ ...row, ...tail }));
    }),
  );
  const extra = referenceExtra(reference.signal, request);
  return rows.map((row, index) => ({ ...row, otlp_extra: extra[index]! }));
}

function partsOf<Part>(message: object, name: string): readonly Part[] {
  return (message as Readonly<Record<string, readonly Part[]>>)[name] ?? [];
}

function scopeColumns({ scope, schemaUrl }: ScopeGroup): Row {
  return {
    scope_name: scope ? scope.name : null,
    scope_version: scope?.version ?? '',
    scope_attributes: attributesText(scope?.attributes ?? []),
    scope_dropped_attributes_count: scope?.droppedAttributesCount ?? 0,
    scope_schema_url: schemaUrl,
  };
}

function resourceColumns({ resource, schemaUrl }: ResourceGroup): Row {
  return {
    service_name: serviceName(resource),
    resource_attributes: resource ? attributesText(resource.attributes) : null,
    resource_dropped_attributes_count: resource?.droppedAttributesCount ?? 0,
    resource_schema_url: schemaUrl,
  };
}

function serviceName(resource: ResourceGroup['resource']): string | null {
  const first = resource?.attributes.find(({ key }) => key === 'service.name');
  return first?.value?.value === 'stringValue' ? first.value.stringValue : null;
}
