/** The client of a destination, made from its settings. Opening is retried until it succeeds. */
import { isDeepStrictEqual } from 'node:util';
import { type Answer, noAnswer } from '../client/answer.ts';
import type { ClientTls, OtlpClient } from '../client/client-port.ts';
import { clientTlsFault } from '../client/client-tls.ts';
import { openOtlpClient } from '../client/otlp-client.ts';
import type { ForwardingDestination } from '../config/config.ts';
import { readPemFile } from '../config/pem-file.ts';
import { hidden } from '../config/secrets.ts';
import type { Storage } from '../disk/storage.ts';
import type { Clock } from '../shared/clock.ts';
import type { Signal } from '../shared/signal.ts';
import { packageVersion } from '../shared/version.ts';
import { RetirableClient } from './retirable-client.ts';

/** The pause between attempts to open the client. A missing TLS file may be created meanwhile. */
const openRetryMs = 1_000;

/** Shorter texts are no secrets, and masking them would make messages unreadable. */
const secretLengthMin = 6;

export interface DestinationClientOptions {
  readonly destination: ForwardingDestination;
  readonly storage: Storage;
  readonly clock: Clock;
  /** Resolves early if the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  /** Called for each failed attempt to open the client. */
  readonly onFault: (reason: string) => void;
}

/** `refused`: the files cannot be used, and the client keeps those that it has. */
export type TlsReload =
  | { readonly kind: 'unchanged' | 'renewed' }
  | { readonly kind: 'refused'; readonly reason: string };

export class DestinationClient implements OtlpClient {
  readonly #options: DestinationClientOptions;
  readonly #secrets: readonly string[];
  #client: RetirableClient | undefined;
  /** The files that the client was opened with. */
  #tls: ClientTls = {};
  #fault: string | undefined;
  #attemptMs = Number.NEGATIVE_INFINITY;

  constructor(options: DestinationClientOptions) {
    this.#options = options;
    this.#secrets = secretsOf(options.destination);
    this.#open();
  }

  /** Returns why the client cannot send; undefined if it can. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Resolves when the client can send; early if the signal is aborted. */
  async ready(stop: AbortSignal): Promise<void> {
    for (;;) {
      this.#open();
      if (this.#client !== undefined || stop.aborted) return;
      await this.#options.sleep(openRetryMs, stop);
    }
  }

  /** Masks the secrets of the destination in the answer, because some servers repeat them. */
  async send(signal: Signal, body: Uint8Array, stop: AbortSignal): Promise<Answer> {
    if (this.#client === undefined) return noAnswer(this.#fault);
    const answer = await this.#client.send(signal, body, stop);
    return { ...answer, message: this.#withoutSecrets(answer.message) };
  }

  /**
   * Reads the TLS files again. If they have changed, new connections use them; requests in flight
   * end on their connections.
   */
  reloadTls(): TlsReload {
    const { tls } = this.#options.destination;
    if (this.#client === undefined || Object.keys(tls).length === 0) return { kind: 'unchanged' };
    try {
      const renewed = this.#readTls(tls);
      if (isDeepStrictEqual(renewed, this.#tls)) return { kind: 'unchanged' };
      const before = this.#client;
      this.#openWith(renewed);
      before.retire();
      return { kind: 'renewed' };
    } catch (error) {
      return { kind: 'refused', reason: (error as Error).message };
    }
  }

  close(): void {
    this.#client?.close();
  }

  /** Tries at most once a second, however many requests wait. */
  #open(): void {
    const { clock, destination, onFault } = this.#options;
    const nowMs = clock.monotonicMs();
    const isDue = nowMs - this.#attemptMs >= openRetryMs;
    if (this.#client !== undefined || !isDue) return;
    this.#attemptMs = nowMs;
    try {
      this.#openWith(this.#readTls(destination.tls));
      this.#fault = undefined;
    } catch (error) {
      this.#fault = (error as Error).message;
      onFault(this.#fault);
    }
  }

  #openWith(tls: ClientTls): void {
    const options = { ...this.#clientOptions(), tls };
    this.#client = new RetirableClient(openOtlpClient(options, this.#options.clock));
    this.#tls = tls;
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
    };
  }

  /** Throws an error of one line if a file cannot be read, or if TLS cannot use the files. */
  #readTls(files: ForwardingDestination['tls']): ClientTls {
    const { storage } = this.#options;
    const tls = {
      authorities: readPemFile(storage, 'tls.ca_file', files.ca_file),
      certificate: readPemFile(storage, 'tls.cert_file', files.cert_file),
      key: readPemFile(storage, 'tls.key_file', files.key_file),
    };
    const fault = clientTlsFault(tls);
    if (fault === undefined) return tls;
    const names = Object.entries(files).map(([name, path]) => `tls.${name} ${path}`);
    throw new Error(`${names.join(', ')}: ${fault}; name files that belong together`);
  }
}

/** Returns the header that carries the credentials. */
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

/** Returns longer secrets first, because a secret may be a part of another one. */
function secretsOf({ headers, auth }: ForwardingDestination): readonly string[] {
  const values = Object.values(credentialsOf(auth)).map((value) => value.split(' ').at(-1) ?? '');
  const password = auth.type === 'basic' ? [auth.password] : [];
  const token = auth.type === 'bearer_token' ? [auth.token] : [];
  const key = auth.type === 'api_key' ? [auth.value] : [];
  return [...values, ...password, ...token, ...key, ...Object.values(headers)]
    .filter(({ length }) => length >= secretLengthMin)
    .toSorted((a, b) => b.length - a.length);
}
