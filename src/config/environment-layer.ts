/** The settings that environment variables give. */
import { type Problem, problem } from '../shared/errors.ts';
import { fileVariable } from './file-layer.ts';
import type { Given } from './given.ts';
import { withoutServiceVariables } from './kubernetes-variables.ts';
import { type Layer, toLayer } from './layer.ts';
import { suggestion } from './nearest-name.ts';
import { environmentName, flagKeys } from './settings.ts';
import type { Environment } from './sources.ts';

/** They make one destination named `default`, because a variable cannot hold a list of them. */
const forwardingVariables = {
  enabled: 'OTLP_FORWARDING_ENABLED',
  endpoint: 'OTLP_FORWARDING_ENDPOINT_URL',
  protocol: 'OTLP_FORWARDING_PROTOCOL',
} as const;

const variables = [
  ...flagKeys.map(environmentName),
  fileVariable,
  ...Object.values(forwardingVariables),
];

export interface EnvironmentLayer {
  readonly layer: Layer;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

export function readEnvironment(given: Environment): EnvironmentLayer {
  const { environment, warnings } = withoutServiceVariables(given);
  const values = Object.fromEntries(
    flagKeys.map((key) => [key, environment[environmentName(key)]]),
  );
  const layer = toLayer(values, (key) => {
    const name = environmentName(key);
    return { source: `environment ${name}`, place: name };
  });
  const forwarding = readForwarding(environment);
  return {
    layer: new Map([...layer, ...forwarding.layer]),
    problems: forwarding.problems,
    warnings: [...warnings, ...unknownVariables(environment), ...forwarding.warnings],
  };
}

function readForwarding(environment: Environment): EnvironmentLayer {
  const { enabled, endpoint, protocol } = forwardingVariables;
  const isEnabled = environment[enabled];
  if (isEnabled === undefined) {
    const unused = [endpoint, protocol].filter((name) => environment[name] !== undefined);
    const warnings = unused.map((name) => `${name} does nothing unless ${enabled} is true`);
    return { layer: new Map(), problems: [], warnings };
  }
  if (isEnabled !== 'true' && isEnabled !== 'false') {
    const line = `${enabled}: ${JSON.stringify(isEnabled)} must be true or false`;
    const problems = [problem('ERR_ARCHER_SETTING_INVALID', { problem: line })];
    return { layer: new Map(), problems, warnings: [] };
  }
  const source = `environment ${enabled}`;
  const given: Given = {
    ...{ source, origin: source, hasReferences: false },
    value: isEnabled === 'true' ? [destinationOf(environment)] : [],
    place: ([, part]) => (part === 'protocol' ? protocol : endpoint),
  };
  return { layer: new Map([['forwarding', given]]), problems: [], warnings: [] };
}

function destinationOf(environment: Environment): object {
  const endpoint = environment[forwardingVariables.endpoint];
  const protocol = environment[forwardingVariables.protocol];
  return { name: 'default', endpoint, ...(protocol === undefined ? {} : { protocol }) };
}

/** Warns if the destination of the environment replaces the list of the file. */
export function hiddenDestinations(environment: Layer, file: Layer): string[] {
  const hidden = file.get('forwarding');
  if (!environment.has('forwarding') || hidden === undefined) return [];
  return [`${forwardingVariables.enabled} is set: forwarding of ${hidden.source} is not used`];
}

function unknownVariables(environment: Environment): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('OTLP_') && !variables.includes(name))
    .map((name) => {
      return `${name} is not a setting of archer and was ignored${suggestion(name, variables)}`;
    });
}
