/** Finds settings that are valid one by one and contradict each other. */
import { type Problem, problem } from '../shared/errors.ts';
import { writtenValue } from './effective.ts';
import type { Given } from './given.ts';
import type { Config, SettingKey } from './settings.ts';

interface Contradiction {
  /** The settings that `isFound` reads. */
  readonly keys: readonly SettingKey[];
  readonly isFound: (config: Config) => boolean;
  /** The two settings that are named, each with its value and its source. */
  readonly between: readonly [SettingKey, SettingKey];
  /** Makes the sentence of the two names. */
  readonly sentence: (first: string, second: string) => string;
}

/**
 * Returns a problem for each contradiction, with the values, where they come from, and the remedy.
 * A setting that could not be read is absent from `config` and contradicts nothing.
 */
export function findContradictions(
  config: Partial<Config>,
  given: Readonly<Partial<Record<SettingKey, Given>>>,
): Problem[] {
  return contradictions
    .filter(({ keys, isFound }) => {
      return keys.every((key) => Object.hasOwn(config, key)) && isFound(config as Config);
    })
    .map(({ between, sentence }) => {
      const [first, second] = between.map((key) => {
        return `${key} (${valueText(config as Config, key)}, ${given[key]?.origin ?? 'unknown'})`;
      });
      const line = sentence(first ?? '', second ?? '');
      return problem('ERR_ARCHER_SETTINGS_CONTRADICT', { problem: line });
    });
}

const listeners = ['grpc', 'http', 'dashboard'] as const;

const contradictions: readonly Contradiction[] = [
  {
    keys: ['grpc.enabled', 'http.enabled'],
    isFound: (config) => !config['grpc.enabled'] && !config['http.enabled'],
    between: ['grpc.enabled', 'http.enabled'],
    sentence: (grpc, http) => {
      return `${grpc} and ${http} leave no receiver: set one of them to true`;
    },
  },
  {
    keys: ['max_inflight_bytes', 'max_request_bytes'],
    isFound: (config) => config.max_inflight_bytes < config.max_request_bytes,
    between: ['max_inflight_bytes', 'max_request_bytes'],
    sentence: (inflight, request) => {
      const remedy = 'raise max_inflight_bytes, or the largest requests are never accepted';
      return `${inflight} is below ${request}: ${remedy}`;
    },
  },
  {
    keys: ['durability', 'forwarding'],
    isFound: ({ durability, forwarding }) => durability === 'received' && forwarding.length > 0,
    between: ['durability', 'forwarding'],
    sentence: (durability, forwarding) => {
      const remedy = 'set durability to logged or synced';
      return `${durability} writes no log, and ${forwarding} needs one: ${remedy}`;
    },
  },
  ...(['cert', 'key'] as const).map((name) => needs(name, name === 'cert' ? 'key' : 'cert')),
  needs('client_ca', 'cert'),
  ...listeners.flatMap((name, index) => {
    return listeners.slice(index + 1).map((other) => samePort(name, other));
  }),
];

type TlsFile = 'cert' | 'key' | 'client_ca';

function needs(name: TlsFile, needed: TlsFile): Contradiction {
  const keys = [`tls.${name}_file`, `tls.${needed}_file`] as const;
  return {
    keys,
    isFound: (config) => config[keys[0]] !== undefined && config[keys[1]] === undefined,
    between: keys,
    sentence: (first, second) => `${first} needs ${second}: set both, or neither`,
  };
}

type Listener = (typeof listeners)[number];

/** Reports equal ports also on different hosts, because that is most likely a mistake. */
function samePort(name: Listener, other: Listener): Contradiction {
  const ports = [`${name}.port`, `${other}.port`] as const;
  return {
    keys: [`${name}.enabled`, `${other}.enabled`, ...ports],
    isFound: (config) => {
      const areBothOn = config[`${name}.enabled`] && config[`${other}.enabled`];
      return areBothOn && config[ports[0]] !== 0 && config[ports[0]] === config[ports[1]];
    },
    between: ports,
    sentence: (first, second) => `${first} and ${second} are the same port: change one of them`,
  };
}

function valueText(config: Config, key: SettingKey): string {
  const value = writtenValue(key, config[key]);
  if (!Array.isArray(value)) return value === '' ? 'not set' : String(value);
  return value.length === 1 ? '1 destination' : `${value.length} destinations`;
}
