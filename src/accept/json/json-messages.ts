/** Describes each OTLP message type for reading JSON, from the reflection of protobufjs. */
import protobuf from 'protobufjs';
import { invariant } from '../../shared/invariant.ts';
import { hexFieldNames } from '../../shared/otlp-messages.ts';
import { enumForm, hexForm, type ScalarForm, scalarForm } from './json-scalars.ts';

export interface MessageForm {
  /** True for AnyValue, the only OTLP message that can contain itself. */
  readonly isValue: boolean;
  /** Ordered by field number, as protobufjs writes them. */
  readonly fields: readonly FieldForm[];
}

interface FieldBase {
  /** The name in JSON, in lowerCamelCase. */
  readonly name: string;
  /** Field number and wire type: the varint in front of the field. */
  readonly tag: number;
  readonly repeated: boolean;
  /** True if all elements stand in one length-delimited piece, without tags of their own. */
  readonly packed: boolean;
  /** True if a field that is set to its default differs from a missing one, so it is written. */
  readonly hasPresence: boolean;
  /** The same bit for all members of a oneof; 0 for all other fields. */
  readonly oneofBit: number;
}

interface ScalarField extends FieldBase {
  readonly scalar: ScalarForm;
  readonly message?: never;
}

interface MessageField extends FieldBase {
  readonly message: MessageForm;
  readonly scalar?: never;
}

export type FieldForm = ScalarField | MessageField;

const valueName = '.opentelemetry.proto.common.v1.AnyValue';

/** The wire type of messages, strings, bytes and packed fields. */
const lengthWireType = 2;

const wireTypes: Readonly<Record<string, number>> = protobuf.types.basic;

const formsByType = new WeakMap<protobuf.Type, MessageForm>();

export function messageForm(type: protobuf.Type): MessageForm {
  const known = formsByType.get(type);
  if (known !== undefined) return known;
  const fields: FieldForm[] = [];
  const form = { isValue: type.fullName === valueName, fields };
  // Set before the fields are read, because one of them may refer back to this type.
  formsByType.set(type, form);
  fields.push(...type.fieldsArray.toSorted((a, b) => a.id - b.id).map(fieldForm));
  return form;
}

function fieldForm(field: protobuf.Field): FieldForm {
  field.resolve();
  const { name, repeated, hasPresence, resolvedType } = field;
  const base = { name, repeated, hasPresence, oneofBit: oneofBit(field) };
  if (resolvedType instanceof protobuf.Type) {
    const tag = tagOf(field, lengthWireType);
    return { ...base, tag, packed: false, message: messageForm(resolvedType) };
  }
  const scalar = scalarOf(field);
  const basicType = resolvedType === null ? field.type : 'int32';
  const packed = repeated && field.packed && basicType in protobuf.types.packed;
  invariant(scalar !== undefined, 'OTLP has messages, enums and scalars');
  const wireType = packed ? lengthWireType : wireTypes[basicType];
  invariant(wireType !== undefined, 'every scalar has its wire type');
  return { ...base, tag: tagOf(field, wireType), packed, scalar };
}

function scalarOf({ name, type, resolvedType }: protobuf.Field): ScalarForm | undefined {
  if (resolvedType instanceof protobuf.Enum) return enumForm(resolvedType);
  return type === 'bytes' && hexFieldNames.has(name) ? hexForm : scalarForm(type);
}

function tagOf({ id }: protobuf.Field, wireType: number): number {
  return ((id << 3) | wireType) >>> 0;
}

function oneofBit({ partOf, parent }: protobuf.Field): number {
  if (partOf === null || !(parent instanceof protobuf.Type)) return 0;
  return 1 << parent.oneofsArray.indexOf(partOf);
}
