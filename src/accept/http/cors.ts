/** What browsers ask before pages of other origins may send: cross-origin resource sharing. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Browsers keep an answer so long at most, whatever more is said (Chromium's limit). */
const preflightSecondsMax = 7_200;

export interface CrossOrigins {
  /** Sets the headers that let the page read the answer, where its origin is allowed. */
  readonly mark: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers a browser's question before a request; false where it is none. */
  readonly answerPreflight: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Origins such as `https://shop.example`; `*` stands for any letters, alone for every origin. */
export function openCrossOrigins(allowed: readonly string[]): CrossOrigins {
  const patterns = allowed.map(toPattern);
  const isAllowed = (origin: string) => patterns.some((pattern) => pattern.test(origin));
  return {
    mark: ({ headers }, response) => {
      if (patterns.length === 0) return;
      // The answer to one origin must not be kept for another.
      response.setHeader('vary', 'origin');
      const { origin } = headers;
      if (origin === undefined || !isAllowed(origin)) return;
      response.setHeader('access-control-allow-origin', origin);
    },
    answerPreflight: ({ method, headers }, response) => {
      const isPreflight = method === 'OPTIONS' && 'access-control-request-method' in headers;
      if (!isPreflight || patterns.length === 0) return false;
      const { origin = '', 'access-control-request-headers': wanted } = headers;
      if (isAllowed(origin)) {
        response.setHeader('access-control-allow-methods', 'POST');
        response.setHeader('access-control-max-age', preflightSecondsMax);
        if (wanted !== undefined) response.setHeader('access-control-allow-headers', wanted);
      }
      response.writeHead(204).end();
      return true;
    },
  };
}

function toPattern(origin: string): RegExp {
  const parts = origin.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}
