/** Finds settings that are well each by itself and contradict each other. */
import type { Config, SettingKey } from './settings.ts';
import { byteCountText } from './units.ts';

interface Contradiction {
  /** What it looks at. */
  readonly keys: readonly SettingKey[];
  /** A sentence with the values and the remedy; undefined where there is none. */
  readonly find: (config: Config) => string | undefined;
}

/** Looks at what is there: a setting that could not be read contradicts nothing. */
export function findContradictions(config: Partial<Config>): string[] {
  return contradictions
    .filter(({ keys }) => keys.every((key) => Object.hasOwn(config, key)))
    .flatMap(({ find }) => find(config as Config) ?? []);
}

const listeners = ['grpc', 'http', 'dashboard'] as const;

const contradictions: readonly Contradiction[] = [
  {
    keys: ['grpc.enabled', 'http.enabled'],
    find: (config) => {
      if (config['grpc.enabled'] || config['http.enabled']) return undefined;
      return 'grpc.enabled and http.enabled are both false: turn one on, or nothing is recorded';
    },
  },
  {
    keys: ['max_inflight_bytes', 'max_request_bytes'],
    find: ({ max_inflight_bytes: inflight, max_request_bytes: request }) => {
      if (inflight >= request) return undefined;
      const [less, more] = [inflight, request].map(byteCountText);
      return (
        `max_inflight_bytes (${less}) is below max_request_bytes (${more}): raise it, ` +
        'or the largest requests never get in'
      );
    },
  },
  {
    keys: ['durability', 'forwarding'],
    find: ({ durability, forwarding }) => {
      if (durability !== 'received' || forwarding.length === 0) return undefined;
      const count = forwarding.length === 1 ? '1 destination' : `${forwarding.length} destinations`;
      return (
        `durability is received and forwarding has ${count}, which needs a log: ` +
        'make it logged or synced'
      );
    },
  },
  {
    keys: ['tls.cert_file', 'tls.key_file'],
    find: (config) => {
      const [cert, key] = [config['tls.cert_file'], config['tls.key_file']];
      if ((cert === undefined) === (key === undefined)) return undefined;
      const [given, other] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
      return `tls.${given}_file is set and tls.${other}_file is not: give both, or neither`;
    },
  },
  {
    keys: ['tls.client_ca_file', 'tls.cert_file'],
    find: (config) => {
      const isAlone = config['tls.cert_file'] === undefined;
      if (config['tls.client_ca_file'] === undefined || !isAlone) return undefined;
      return 'tls.client_ca_file is set and tls.cert_file is not: certificates are a matter of TLS';
    },
  },
  ...listeners.flatMap((name, index) => {
    return listeners.slice(index + 1).map((other) => samePort(name, other));
  }),
];

type Listener = (typeof listeners)[number];

/** On different hosts too: nobody who gives a port twice means it. */
function samePort(name: Listener, other: Listener): Contradiction {
  return {
    keys: [`${name}.enabled`, `${name}.port`, `${other}.enabled`, `${other}.port`],
    find: (config) => {
      const port = config[`${name}.port`];
      const areBothOn = config[`${name}.enabled`] && config[`${other}.enabled`];
      if (!areBothOn || port === 0 || port !== config[`${other}.port`]) return undefined;
      return `${name}.port and ${other}.port are both ${port}: change one of them`;
    },
  };
}
