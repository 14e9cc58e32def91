/** What OTLP/JSON needs to know of a message type, worked out once from its reflection. */
import protobuf from 'protobufjs';
import { invariant } from '../../shared/invariant.ts';
import { hexFieldNames } from '../../shared/otlp-messages.ts';
import { enumForm, hexForm, type ScalarForm, scalarForm } from './json-scalars.ts';

export interface MessageForm {
  /** AnyValue: the one message of OTLP that holds itself. */
  readonly isValue: boolean;
  /** In the order in which protobufjs writes them. */
  readonly fields: readonly FieldForm[];
}

interface FieldBase {
  /** As JSON has it, in lowerCamelCase. */
  readonly name: string;
  /** Number and wire type, as the first varint of the field. */
  readonly tag: number;
  readonly repeated: boolean;
  /** Elements in one piece, without tags of their own. */
  readonly packed: boolean;
  /** Set and default differ, so that a default is written too. */
  readonly hasPresence: boolean;
  /** The members of a oneof share a bit; 0 for all other fields. */
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

/** Of everything that protobuf frames by its length. */
const lengthWireType = 2;

const wireTypes: Readonly<Record<string, number>> = protobuf.types.basic;

const formsByType = new WeakMap<protobuf.Type, MessageForm>();

export function messageForm(type: protobuf.Type): MessageForm {
  const known = formsByType.get(type);
  if (known !== undefined) return known;
  const fields: FieldForm[] = [];
  const form = { isValue: type.fullName === valueName, fields };
  // Before its fields, one of which may lead back here.
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
