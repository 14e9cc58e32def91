/** What goes wrong in the shop, and how each language's SDK reports it. */

export const languages = ['nodejs', 'go', 'java', 'dotnet', 'python'] as const;

export type Language = (typeof languages)[number];

/** What a caller is told. */
export interface FaultCodes {
  readonly http: number;
  readonly grpc: number;
}

export const faultCodes = {
  notFound: { http: 404, grpc: 5 },
  conflict: { http: 409, grpc: 9 },
  paymentRequired: { http: 402, grpc: 9 },
  internal: { http: 500, grpc: 13 },
  unavailable: { http: 503, grpc: 14 },
  timeout: { http: 504, grpc: 4 },
} as const satisfies Record<string, FaultCodes>;

/** Thrown by simulated code; `kind` is what it is about, such as CardDeclined. */
export class Fault extends Error {
  readonly kind: string;
  readonly codes: FaultCodes;

  constructor(kind: string, message: string, codes: FaultCodes) {
    super(message);
    this.kind = kind;
    this.codes = codes;
  }
}

/** `exception.type` as the language would name it. */
export function exceptionType(language: Language, service: string, kind: string): string {
  return dialects[language].type(service, kind);
}

/** `exception.stacktrace`; the functions are named innermost first. */
export function stackTrace(
  language: Language,
  service: string,
  fault: Fault,
  functions: readonly string[],
): string {
  const { type, frame, ends } = dialects[language];
  const head = `${type(service, fault.kind)}: ${fault.message}`;
  const frames = functions.map((name) => frame(service, identifier(name), lineNumber(name)));
  if (ends === 'head last') return [...frames.reverse(), head].join('\n');
  return [head, ...frames].join('\n');
}

interface Dialect {
  readonly type: (service: string, kind: string) => string;
  readonly frame: (service: string, name: string, line: number) => string;
  /** Python prints the innermost call and the exception at the bottom, the others at the top. */
  readonly ends: 'head first' | 'head last';
}

const dialects: Record<Language, Dialect> = {
  nodejs: {
    type: (_service, kind) => `${kind}Error`,
    frame: (service, name, line) => `    at ${name} (/srv/${service}/dist/server.js:${line}:17)`,
    ends: 'head first',
  },
  go: {
    type: (service, kind) => `*${service}.${kind}Error`,
    frame: (service, name, line) => `${service}.${name}(...)\n\t/src/${service}/server.go:${line}`,
    ends: 'head first',
  },
  java: {
    type: (service, kind) => `com.example.${service}.${kind}Exception`,
    frame: (service, name, line) =>
      `\tat com.example.${service}.Service.${name}(Service.java:${line})`,
    ends: 'head first',
  },
  dotnet: {
    type: (service, kind) => `Shop.${capitalized(service)}.${kind}Exception`,
    frame: (service, name, line) =>
      `   at Shop.${capitalized(service)}.Service.${name}() in /src/Service.cs:line ${line}`,
    ends: 'head first',
  },
  python: {
    type: (service, kind) => `${service}.errors.${kind}Error`,
    frame: (service, name, line) => `  File "/srv/${service}/service.py", line ${line}, in ${name}`,
    ends: 'head last',
  },
};

/** The name of a span as the name of a function: `POST /quotes` is postQuotes. */
function identifier(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const [first = 'handle', ...rest] = words.map((word) => word.toLowerCase());
  return first + rest.map(capitalized).join('');
}

/** The same function always stands on the same line. */
function lineNumber(name: string): number {
  let line = 17;
  for (let index = 0; index < name.length; index++)
    line = (line * 31 + name.charCodeAt(index)) % 997;
  return line + 1;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
