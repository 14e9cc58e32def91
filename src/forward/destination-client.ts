/** The client of a destination, made of its settings; opened again and again until it can be. */

import { type Answer, noAnswer } from '../client/answer.ts';
import type { ClientTls, OtlpClient } from '../client/client-port.ts';
import { openOtlpClient } from '../client/otlp-client.ts';
import type { ForwardingDestination } from '../config/config.ts';
import { readPemFile } from '../config/pem-file.ts';
import { hidden } from '../config/secrets.ts';
import type { Storage } from '../disk/storage.ts';
import type { Clock } from '../shared/clock.ts';
import type { Signal } from '../shared/signal.ts';
import { packageVersion } from '../shared/version.ts';

/** A file of TLS that is missing may be there in a moment. */
const openAgainMs = 1_000;

/** Shorter ones would hide half of what is said, and are no secrets. */
const secretLengthMin = 6;

export interface DestinationClientOptions {
  readonly destination: ForwardingDestination;
  readonly storage: Storage;
  readonly clock: Clock;
  /** Resolves early when the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  /** Told each time that it cannot be opened. */
  readonly onFault: (reason: string) => void;
}

export class DestinationClient implements OtlpClient {
  readonly #options: DestinationClientOptions;
  readonly #secrets: readonly string[];
  #client: OtlpClient | undefined;
  #fault: string | undefined;
  #triedMs = Number.NEGATIVE_INFINITY;

  constructor(options: DestinationClientOptions) {
    this.#options = options;
    this.#secrets = secretsOf(options.destination);
    this.#open();
  }

  /** Why nothing can be sent; undefined while something can. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Resolves once something can be sent; early when the signal is aborted. */
  async ready(stop: AbortSignal): Promise<void> {
    for (;;) {
      this.#open();
      if (this.#client !== undefined || stop.aborted) return;
      await this.#options.sleep(openAgainMs, stop);
    }
  }

  /** Its answer never holds a secret that was sent, as some are said back. */
  async send(signal: Signal, body: Uint8Array, stop: AbortSignal): Promise<Answer> {
    if (this.#client === undefined) return noAnswer(this.#fault);
    const answer = await this.#client.send(signal, body, stop);
    return { ...answer, message: this.#withoutSecrets(answer.message) };
  }

  close(): void {
    this.#client?.close();
  }

  /** At most once a second, however many requests wait. */
  #open(): void {
    const { clock, onFault } = this.#options;
    const nowMs = clock.monotonicMs();
    const isDue = nowMs - this.#triedMs >= openAgainMs;
    if (this.#client !== undefined || !isDue) return;
    this.#triedMs = nowMs;
    try {
      this.#client = openOtlpClient(this.#clientOptions(), clock);
      this.#fault = undefined;
    } catch (error) {
      this.#fault = (error as Error).message;
      onFault(this.#fault);
    }
  }

  #withoutSecrets(message: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, hidden), message);
  }

  #clientOptions() {
    const { destination } = this.#options;
    const { endpoint, protocol, compression, timeout, concurrency, headers } = destination;
    return {
      ...{ protocol, compression },
      endpoint: new URL(endpoint),
      connectionsMax: concurrency,
      timeoutMs: timeout,
      userAgent: `otlp-archer/${packageVersion()}`,
      headers: { ...headers, ...credentialsOf(destination.auth) },
      tls: this.#readTls(destination.tls),
    };
  }

  #readTls({ ca_file, cert_file, key_file }: ForwardingDestination['tls']): ClientTls {
    const { storage } = this.#options;
    return {
      authorities: readPemFile(storage, 'tls.ca_file', ca_file),
      certificate: readPemFile(storage, 'tls.cert_file', cert_file),
      key: readPemFile(storage, 'tls.key_file', key_file),
    };
  }
}

/** The header that stands for the credentials. */
function credentialsOf(auth: ForwardingDestination['auth']): Readonly<Record<string, string>> {
  switch (auth.type) {
    case 'none':
      return {};
    case 'bearer_token':
      return { authorization: `Bearer ${auth.token}` };
    case 'basic': {
      const pair = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
      return { authorization: `Basic ${pair}` };
    }
    case 'api_key':
      return { [auth.header.toLowerCase()]: auth.value };
  }
}

/** Longer ones first: one may be a part of another. */
function secretsOf({ headers, auth }: ForwardingDestination): readonly string[] {
  const values = Object.values(credentialsOf(auth)).map((value) => value.split(' ').at(-1) ?? '');
  const password = auth.type === 'basic' ? [auth.password] : [];
  const token = auth.type === 'bearer_token' ? [auth.token] : [];
  const key = auth.type === 'api_key' ? [auth.value] : [];
  return [...values, ...password, ...token, ...key, ...Object.values(headers)]
    .filter(({ length }) => length >= secretLengthMin)
    .toSorted((a, b) => b.length - a.length);
}
