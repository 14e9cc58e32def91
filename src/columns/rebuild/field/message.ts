/** Messages as lists of fields: a single message, an optional one, and repeated ones. */
import {
  type Columns,
  hasContent,
  isNull,
  type ListValues,
  type Values,
} from '../column/columns.ts';
import { bytesType, type WireWriter } from '../wire/wire-writer.ts';
import type { Field } from './field.ts';

/** A message. Its fields must be in ascending order of their numbers. */
export class Message implements Field {
  readonly #fields: readonly Field[];
  /** The fields that have something to write in the current batch. */
  #written: readonly Field[] = [];

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
  }

  load(columns: Columns): boolean {
    this.#written = this.#fields.filter((field) => field.load(columns));
    return this.#written.length > 0;
  }

  /** Appends the content of the message, without tag and length. */
  write(out: WireWriter, row: number): void {
    for (const field of this.#written) field.write(out, row);
  }
}

/** A message that exists in the rows in which the column `presence` is not NULL. */
export function optionalMessage(number: number, presence: string, fields: readonly Field[]): Field {
  return new OptionalMessage((number << 3) | bytesType, presence, new Message(fields));
}

/** Repeated messages, from a list of structs. */
export function messages(number: number, column: string, fields: readonly Field[]): Field {
  return new Messages((number << 3) | bytesType, column, new Message(fields));
}

class OptionalMessage implements Field {
  readonly #tag: number;
  readonly #presence: string;
  readonly #message: Message;
  #values!: Values;

  constructor(tag: number, presence: string, message: Message) {
    this.#tag = tag;
    this.#presence = presence;
    this.#message = message;
  }

  load(columns: Columns): boolean {
    this.#values = columns.presence(this.#presence);
    this.#message.load(columns);
    return true;
  }

  write(out: WireWriter, row: number): void {
    if (!isNull(this.#values, row)) writeMessage(out, this.#tag, this.#message, row);
  }
}

class Messages implements Field {
  readonly #tag: number;
  readonly #column: string;
  readonly #message: Message;
  #list!: ListValues;

  constructor(tag: number, column: string, message: Message) {
    this.#tag = tag;
    this.#column = column;
    this.#message = message;
  }

  load(columns: Columns): boolean {
    this.#list = columns.list(this.#column);
    this.#message.load(this.#list.items.struct('item'));
    return hasContent(this.#list, columns.rows);
  }

  write(out: WireWriter, row: number): void {
    const { offsets } = this.#list;
    const end = offsets[row + 1]!;
    for (let item = offsets[row]!; item < end; item++) {
      writeMessage(out, this.#tag, this.#message, item);
    }
  }
}

function writeMessage(out: WireWriter, tag: number, message: Message, row: number): void {
  const contentStart = out.open(tag);
  message.write(out, row);
  out.close(contentStart);
}
