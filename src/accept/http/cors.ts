/** Cross-origin resource sharing: lets web pages of allowed origins send OTLP/HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Chromium's limit: browsers keep the answer no longer, even if it allows more. */
const preflightSecondsMax = 7_200;

export interface CrossOrigins {
  /** Sets the headers that let the page read the answer if its origin is allowed. */
  readonly mark: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers the preflight request of a browser; false if the request is not a preflight. */
  readonly answerPreflight: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Takes origins such as `https://shop.example`; `*` matches any text, alone every origin. */
export function openCrossOrigins(allowed: readonly string[]): CrossOrigins {
  const patterns = allowed.map(toPattern);
  const isAllowed = (origin: string) => patterns.some((pattern) => pattern.test(origin));
  return {
    mark: ({ headers }, response) => {
      if (patterns.length === 0) return;
      // Caches must not use the answer to one origin for another.
      response.setHeader('vary', 'origin');
      const { origin } = headers;
      if (origin === undefined || !isAllowed(origin)) return;
      response.setHeader('access-control-allow-origin', origin);
      // sendBeacon always sends with credentials; without this header the browser drops the data.
      response.setHeader('access-control-allow-credentials', 'true');
    },
    answerPreflight: ({ method, headers }, response) => {
      const isPreflight = method === 'OPTIONS' && 'access-control-request-method' in headers;
      if (!isPreflight || patterns.length === 0) return false;
      const { origin = '', 'access-control-request-headers': names } = headers;
      if (isAllowed(origin)) {
        response.setHeader('access-control-allow-methods', 'POST');
        response.setHeader('access-control-max-age', preflightSecondsMax);
        if (names !== undefined) response.setHeader('access-control-allow-headers', names);
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
