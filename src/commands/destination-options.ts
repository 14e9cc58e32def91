/** Options of commands that send to who may demand credentials, or speak TLS. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Storage } from '../disk/storage.ts';
import type { ClientTls } from '../egress/otlp-client.ts';
import { readPemFile } from '../pem-files.ts';

/** As commander gives them. */
export interface DestinationOptions {
  readonly header?: Readonly<Record<string, string>>;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

export function addDestinationOptions(command: Command): Command {
  return command
    .option('--header <name=value>', 'sent with each request; several times for several', collect)
    .option('--ca-file <file>', "authorities that are trusted instead of the system's, PEM")
    .option('--cert-file <file>', 'certificate to show where one is demanded, PEM')
    .option('--key-file <file>', 'its key, PEM');
}

/** Undefined where no option is of TLS. Throws one line where a file is of no use. */
export function readClientTls(
  storage: Storage,
  { caFile, certFile, keyFile }: DestinationOptions,
): ClientTls | undefined {
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new Error('--cert-file and --key-file belong together: give both, or neither');
  }
  if (caFile === undefined && certFile === undefined) return undefined;
  return {
    authorities: readPemFile(storage, '--ca-file', caFile),
    certificate: readPemFile(storage, '--cert-file', certFile),
    key: readPemFile(storage, '--key-file', keyFile),
  };
}

/** A token of HTTP; those that the client sets itself would contradict it. */
const namePattern = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const ownNames = /^(content-(type|length|encoding)|transfer-encoding|connection|host|te|grpc-.*)$/i;

/** What fits into one line of a header. */
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;

function collect(
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (!namePattern.test(name) || !valuePattern.test(value)) {
    throw new InvalidArgumentError('Give NAME=VALUE, such as "Authorization=Bearer TOKEN".');
  }
  if (ownNames.test(name)) throw new InvalidArgumentError(`${name} is set by archer itself.`);
  return { ...headers, [name]: value };
}
