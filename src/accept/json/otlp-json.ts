/** Converts an OTLP/JSON request to the protobuf bytes of the same request. */
import protobuf from 'protobufjs';
import { requestType } from '../../shared/otlp-messages.ts';
import type { Signal } from '../../shared/signal.ts';
import { type FieldForm, type MessageForm, messageForm } from './json-messages.ts';
import { isJsonObject, readJsonText } from './json-text.ts';

/** The reason completes a sentence and has no full stop. */
export type OtlpFromJson =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'too_deep' };

/** Limit for nested values; the value of an attribute is at level 1. */
const valueLevelsMax = 64;

/** An invalid value is cut to this length before it is shown to its sender. */
const shownLengthMax = 40;

/** Unknown fields are ignored, and null counts as absent. */
export function otlpFromJson(signal: Signal, body: Buffer): OtlpFromJson {
  const json = readJsonText(body);
  return json.kind === 'value' ? otlpFromJsonValue(signal, json.value) : json;
}

/** Takes a value that `readJsonText` has returned. */
export function otlpFromJsonValue(signal: Signal, json: unknown): OtlpFromJson {
  const transcoder = new Transcoder();
  if (transcoder.writeMessage(messageForm(requestType(signal)), json)) {
    return { kind: 'message', bytes: transcoder.finish() };
  }
  return transcoder.reason === undefined
    ? { kind: 'too_deep' }
    : { kind: 'malformed', reason: transcoder.reason };
}

/**
 * Writes while it walks the JSON, as protobufjs does: fields ordered by number, without defaults. A
 * method that returns false has found a fault; its callers stop, so that `#path` shows where.
 */
class Transcoder {
  readonly #writer = protobuf.Writer.create();
  readonly #path: (string | number)[] = [];
  #valueLevel = 0;
  /** Describes the fault; undefined if values are nested too deep. */
  reason: string | undefined;

  finish(): Uint8Array {
    return this.#writer.finish();
  }

  writeMessage(form: MessageForm, json: unknown): boolean {
    if (!isJsonObject(json)) return this.#fail(json, 'an object');
    if (form.isValue && this.#valueLevel === valueLevelsMax) return false;
    if (form.isValue) this.#valueLevel += 1;
    let oneofsSet = 0;
    for (const field of form.fields) {
      const value = json[field.name];
      if (value === undefined || value === null) continue;
      this.#path.push(field.name);
      if ((oneofsSet & field.oneofBit) !== 0) return this.#failOneof();
      oneofsSet |= field.oneofBit;
      if (!this.#writeField(field, value)) return false;
      this.#path.pop();
    }
    if (form.isValue) this.#valueLevel -= 1;
    return true;
  }

  #writeField(field: FieldForm, json: unknown): boolean {
    if (!field.repeated) return this.#writeValue(field, json, !field.hasPresence);
    if (!Array.isArray(json)) return this.#fail(json, 'an array');
    if (!field.packed || json.length === 0) return this.#writeElements(field, json);
    this.#writer.uint32(field.tag).fork();
    if (!this.#writeElements(field, json)) return false;
    this.#writer.ldelim();
    return true;
  }

  #writeElements(field: FieldForm, json: readonly unknown[]): boolean {
    for (let index = 0; index < json.length; index++) {
      this.#path.push(index);
      if (!this.#writeValue(field, json[index], false)) return false;
      this.#path.pop();
    }
    return true;
  }

  #writeValue(field: FieldForm, json: unknown, omitsDefault: boolean): boolean {
    if (field.message !== undefined) {
      this.#writer.uint32(field.tag).fork();
      if (!this.writeMessage(field.message, json)) return false;
      this.#writer.ldelim();
      return true;
    }
    const { scalar } = field;
    const tag = field.packed ? 0 : field.tag;
    const isWritten = scalar.write(this.#writer, tag, json, omitsDefault);
    return isWritten || this.#fail(json, scalar.expects);
  }

  #fail(json: unknown, expects: string): false {
    this.reason = `${this.#pathText()} is ${show(json)}, not ${expects}`;
    return false;
  }

  #failOneof(): false {
    this.reason = `${this.#pathText()} is set beside another field of its oneof`;
    return false;
  }

  #pathText(): string {
    const steps = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    return steps.length === 0 ? 'it' : steps.join('').slice(1);
  }
}

function show(json: unknown): string {
  if (Array.isArray(json)) return 'an array';
  if (isJsonObject(json)) return 'an object';
  const text = typeof json === 'string' ? JSON.stringify(json) : String(json);
  return text.length <= shownLengthMax ? text : `${text.slice(0, shownLengthMax)}…`;
}
