/** The running instances of the services, as resources name them. */
import type { Random } from '../../shared/random.ts';
import { type Message, toKeyValues } from './message.ts';
import { type ServiceName, services } from './shop.ts';

export interface Instance {
  readonly resource: Message;
  readonly scope: Message;
}

/** The instances of each service. */
export type Fleet = Readonly<Record<string, readonly Instance[]>>;

export function createFleet(random: Random): Fleet {
  const fleet: Record<string, Instance[]> = {};
  for (const service of Object.keys(services) as ServiceName[]) {
    const create = () => createInstance(service, random);
    fleet[service] = Array.from({ length: services[service].instanceCount }, create);
  }
  return fleet;
}

function createInstance(service: ServiceName, random: Random): Instance {
  const { language, version } = services[service];
  const attributes = toKeyValues({
    ...{ 'service.name': service, 'service.namespace': 'shop', 'service.version': version },
    ...{ 'service.instance.id': random.hex(8), 'telemetry.sdk.language': language },
    ...{ 'host.name': `${service}-${random.hex(4)}`, 'process.pid': random.between(1, 32_768) },
    'process.command_args': [`/srv/${service}`, '--log-format=json'],
  });
  const scope = { name: `shop.${service}`, version };
  return { resource: { attributes }, scope };
}
