/** Writes refused requests to the journal: at most one line for each reason and minute. */
import type { Journal } from '../shared/journal.ts';
import { oneLine } from '../shared/one-line.ts';

export interface RefusedRequest {
  /** The protocol and the status of the answer, such as `OTLP/HTTP 404`. */
  readonly status: string;
  /** Requests of the same status and reason share a line. There must be few different reasons. */
  readonly reason: string;
  /** What was wrong and the remedy. */
  readonly message: string;
  /** Address of the sender; undefined if it has disconnected. */
  readonly sender: string | undefined;
}

/** The port through which receivers report refused requests. */
export type LogRefusal = (request: RefusedRequest) => void;

export const lineMsMin = 60_000;

/** Longer messages are cut; they can repeat text of the sender. */
const messageLengthMax = 500;

interface RefusalWindow {
  /** Requests since the last line. */
  count: number;
  last: RefusedRequest;
  readonly timer: NodeJS.Timeout;
}

export class RefusalLog {
  readonly #journal: Journal;
  /** The windows of a minute that are open, by status and reason. */
  readonly #windows = new Map<string, RefusalWindow>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The first request of a reason is written at once, later ones together after a minute. */
  readonly add: LogRefusal = (request) => {
    const key = `${request.status} ${request.reason}`;
    const open = this.#windows.get(key);
    if (open === undefined) {
      this.#write(1, request);
      this.#openWindow(key, request);
    } else {
      open.count += 1;
      open.last = request;
    }
  };

  /** Writes what was counted and not yet written. */
  close(): void {
    for (const { count, last, timer } of this.#windows.values()) {
      clearTimeout(timer);
      if (count > 0) this.#write(count, last);
    }
    this.#windows.clear();
  }

  #openWindow(key: string, last: RefusedRequest): void {
    const timer = setTimeout(() => this.#closeWindow(key), lineMsMin).unref();
    this.#windows.set(key, { count: 0, last, timer });
  }

  #closeWindow(key: string): void {
    const window = this.#windows.get(key);
    this.#windows.delete(key);
    if (window === undefined || window.count === 0) return;
    this.#write(window.count, window.last);
    this.#openWindow(key, window.last);
  }

  #write(requests: number, { status, message, sender = 'unknown' }: RefusedRequest): void {
    const what = requests === 1 ? 'a request was refused' : `${requests} requests were refused`;
    const line = `${status}: ${what}: ${oneLine(message, messageLengthMax)}`;
    this.#journal.write('warn', line, { requests, sender });
  }
}
