/** The one table of all errors that a program can catch, and the class that carries their code. */
import { faultErrors, queryErrors } from './errors/archive-errors.ts';
import { commandErrors } from './errors/command-errors.ts';
import { configErrors } from './errors/config-errors.ts';
import type { ErrorEntry } from './errors/error-entry.ts';
import { recorderErrors } from './errors/recorder-errors.ts';
import { dashboardErrors, otlpErrors } from './errors/request-errors.ts';

/** The chapters of docs/errors.md, in its order. */
export const errorChapters = {
  Recorder: recorderErrors,
  Configuration: configErrors,
  'OTLP ports': otlpErrors,
  'Dashboard port': dashboardErrors,
  Queries: queryErrors,
  'Faults in files': faultErrors,
  Commands: commandErrors,
} as const;

const table = {
  ...recorderErrors,
  ...configErrors,
  ...otlpErrors,
  ...dashboardErrors,
  ...queryErrors,
  ...faultErrors,
  ...commandErrors,
} as const;

/** A code of docs/errors.md. A code never gets another meaning, and is never used again. */
export type ErrorCode = keyof typeof table;

/** The codes of faults in files, which are values and not exceptions. */
export type FaultCode = keyof typeof faultErrors;

type BracedNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | BracedNames<Rest>
  : never;

type FactName<Code extends ErrorCode> = BracedNames<
  (typeof table)[Code]['sentence'] | (typeof table)[Code]['remedy']
>;

/** The values that replace the names in braces in the sentence and remedy of a code. */
export type ErrorFacts<Code extends ErrorCode> = Readonly<Record<FactName<Code>, string | number>>;

/** An error as a value, for refusals and for problems that are reported together. */
export interface Problem {
  readonly code: ErrorCode;
  /** What happened and what to do, in one line. */
  readonly message: string;
}

/** Returns the problem with this code, its message filled with the facts. */
export function problem<Code extends ErrorCode>(code: Code, facts: ErrorFacts<Code>): Problem {
  const { sentence, remedy }: ErrorEntry = table[code];
  const what = filled(sentence, facts);
  if (remedy === '') return { code, message: what };
  // A fact at the end may be a sentence of another program, with its own full stop.
  const stop = /[.?!]$/.test(what) ? '' : '.';
  return { code, message: `${what}${stop} ${filled(remedy, facts)}` };
}

function filled(text: string, facts: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => String(facts[name]));
}

/** True if the same attempt can succeed later although the caller changes nothing. */
export function isRetryable(code: ErrorCode): boolean {
  return table[code].retry !== false;
}

/**
 * Every error that the library throws on purpose. `code` is one of docs/errors.md; `message` says
 * in one line what happened and what to do.
 */
export class ArcherError extends Error {
  override readonly name = 'ArcherError';
  readonly code: ErrorCode;
  /** True if the same call can succeed later although the caller changes nothing. */
  readonly retryable: boolean;

  constructor({ code, message }: Problem, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = isRetryable(code);
  }
}

/** Returns the problem of a caught value: its own, or ERR_ARCHER_INTERNAL for other values. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ArcherError) return { code: error.code, message: error.message };
  const reason = error instanceof Error ? error.message : String(error);
  return problem('ERR_ARCHER_INTERNAL', { reason });
}
