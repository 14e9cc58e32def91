/** Options of commands that send OTLP: how, and to who may demand credentials, or speak TLS. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClientTls } from '../../client/client-port.ts';
import { readPemFile } from '../../config/pem-file.ts';
import type { Storage } from '../../disk/storage.ts';
import { type Problem, problem, problemOf } from '../../shared/errors.ts';
import { isClientHeader, isHeaderName, isHeaderValue } from '../../shared/http-header.ts';
import {
  type Compression,
  compressions,
  type Protocol,
  protocols,
} from '../../shared/otlp-protocol.ts';
import { wholeNumber } from './option-parsers.ts';

/** The options as commander parses them. */
export interface DestinationOptions {
  readonly header?: Readonly<Record<string, string>>;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** The options as commander parses them. Commander has checked options that have choices. */
export interface SendingOptions extends DestinationOptions {
  readonly protocol: Protocol;
  readonly compression: Compression;
  readonly concurrency: number;
}

/** More only waits in the destination. */
const concurrencyMax = 256;

export function addSendingOptions(command: Command): Command {
  const protocol = new Option('--protocol <name>', 'of OTLP').choices(protocols);
  const compression = new Option('--compression <name>', 'of bodies').choices(compressions);
  command
    .addOption(protocol.default('http/protobuf'))
    .addOption(compression.default('none'))
    .option('--concurrency <number>', 'requests under way', wholeNumber(1, concurrencyMax), 4);
  return addDestinationOptions(command);
}

export function addDestinationOptions(command: Command): Command {
  return command
    .option('--header <name=value>', 'sent with each request; several times for several', addHeader)
    .option('--ca-file <file>', "authorities that are trusted instead of the system's, PEM")
    .option('--cert-file <file>', 'certificate to show where one is demanded, PEM')
    .option('--key-file <file>', 'its key, PEM');
}

export type ReadTls =
  /** Undefined where no option is of TLS. */
  | { readonly ok: true; readonly tls: ClientTls | undefined }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function readClientTls(
  storage: Storage,
  { caFile, certFile, keyFile }: DestinationOptions,
): ReadTls {
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const line = '--cert-file and --key-file belong together: give both, or neither';
    return { ok: false, problems: [problem('ERR_ARCHER_USAGE_INVALID', { problem: line })] };
  }
  if (caFile === undefined && certFile === undefined) return { ok: true, tls: undefined };
  try {
    const authorities = readPemFile(storage, '--ca-file', caFile);
    const certificate = readPemFile(storage, '--cert-file', certFile);
    const key = readPemFile(storage, '--key-file', keyFile);
    return { ok: true, tls: { authorities, certificate, key } };
  } catch (error) {
    return { ok: false, problems: [problemOf(error)] };
  }
}

/** The same for a destination whose address is known, which has to be one of TLS then. */
export function readTlsTo(endpoint: URL, storage: Storage, options: DestinationOptions): ReadTls {
  const read = readClientTls(storage, options);
  if (!read.ok || read.tls === undefined || endpoint.protocol === 'https:') return read;
  const line = '--ca-file and --cert-file are for a URL that begins with https://';
  return { ok: false, problems: [problem('ERR_ARCHER_USAGE_INVALID', { problem: line })] };
}

/** Adds the header of one more `--header name=value`. */
function addHeader(
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (!isHeaderName(name) || !isHeaderValue(value)) {
    throw new InvalidArgumentError('Give NAME=VALUE, such as "Authorization=Bearer TOKEN".');
  }
  if (isClientHeader(name)) throw new InvalidArgumentError(`${name} is set by archer itself.`);
  return { ...headers, [name]: value };
}
