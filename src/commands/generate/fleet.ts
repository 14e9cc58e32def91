/** The services of the shop and their running instances, as resources and scopes name them. */
import type { Language } from './fault.ts';
import type { Random } from './random.ts';
import { type Resource, type Scope, toKeyValues } from './telemetry.ts';

/** What an instrumentation library watches; `application` is the service's own code. */
export type Role = 'http' | 'rpc' | 'sql' | 'cache' | 'messaging' | 'application';

export type ServiceName =
  | 'storefront'
  | 'catalogue'
  | 'checkout'
  | 'payment'
  | 'inventory'
  | 'shipping'
  | 'email';

export interface Instance {
  readonly service: ServiceName;
  readonly language: Language;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly resource: Resource;
  readonly scopes: Readonly<Record<Role, Scope>>;
}

export type Fleet = Readonly<Record<ServiceName, readonly Instance[]>>;

/** The version of the semantic conventions that all attributes follow. */
export const schemaUrl = 'https://opentelemetry.io/schemas/1.37.0';

interface Deployment {
  readonly language: Language;
  readonly version: string;
  readonly port: number;
  readonly instanceCount: number;
}

const deployments: Readonly<Record<ServiceName, Deployment>> = {
  storefront: { language: 'nodejs', version: '4.12.0', port: 8080, instanceCount: 3 },
  catalogue: { language: 'go', version: '2.7.3', port: 50051, instanceCount: 2 },
  checkout: { language: 'go', version: '1.19.0', port: 50052, instanceCount: 2 },
  payment: { language: 'java', version: '3.0.1', port: 50053, instanceCount: 1 },
  inventory: { language: 'dotnet', version: '5.4.2', port: 8082, instanceCount: 1 },
  shipping: { language: 'python', version: '0.9.14', port: 8083, instanceCount: 1 },
  email: { language: 'python', version: '1.3.0', port: 8084, instanceCount: 1 },
};

export const serviceNames = Object.keys(deployments) as ServiceName[];

interface Platform {
  readonly sdkVersion: string;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly command: readonly string[];
  readonly libraries: Readonly<Record<Exclude<Role, 'application'>, Scope>>;
}

const contrib = 'go.opentelemetry.io/contrib/instrumentation';

const platforms: Readonly<Record<Language, Platform>> = {
  nodejs: {
    sdkVersion: '2.1.0',
    runtime: 'nodejs',
    runtimeVersion: '22.19.0',
    command: ['node', '--enable-source-maps', 'dist/server.js'],
    libraries: {
      http: { name: '@opentelemetry/instrumentation-http', version: '0.205.0' },
      rpc: { name: '@opentelemetry/instrumentation-grpc', version: '0.205.0' },
      sql: { name: '@opentelemetry/instrumentation-pg', version: '0.58.0' },
      cache: { name: '@opentelemetry/instrumentation-redis', version: '0.54.0' },
      messaging: { name: '@opentelemetry/instrumentation-kafkajs', version: '0.15.0' },
    },
  },
  go: {
    sdkVersion: '1.38.0',
    runtime: 'go',
    runtimeVersion: 'go1.25.1',
    command: ['/usr/local/bin/server', '--log-format=json'],
    libraries: {
      http: { name: `${contrib}/net/http/otelhttp`, version: '0.63.0' },
      rpc: { name: `${contrib}/google.golang.org/grpc/otelgrpc`, version: '0.63.0' },
      sql: { name: 'github.com/XSAM/otelsql', version: '0.40.0' },
      cache: { name: 'github.com/redis/go-redis/extra/redisotel', version: '9.14.0' },
      messaging: { name: 'github.com/twmb/franz-go/plugin/kotel', version: '1.6.0' },
    },
  },
  java: {
    sdkVersion: '1.54.0',
    runtime: 'OpenJDK Runtime Environment',
    runtimeVersion: '21.0.8+9-LTS',
    command: ['java', '-XX:+UseZGC', '-jar', 'app.jar'],
    libraries: {
      http: { name: 'io.opentelemetry.java-http-client', version: '2.20.0-alpha' },
      rpc: { name: 'io.opentelemetry.grpc-1.6', version: '2.20.0-alpha' },
      sql: { name: 'io.opentelemetry.jdbc', version: '2.20.0-alpha' },
      cache: { name: 'io.opentelemetry.lettuce-5.1', version: '2.20.0-alpha' },
      messaging: { name: 'io.opentelemetry.kafka-clients-2.6', version: '2.20.0-alpha' },
    },
  },
  dotnet: {
    sdkVersion: '1.12.0',
    runtime: '.NET',
    runtimeVersion: '9.0.9',
    command: ['dotnet', 'Shop.Inventory.dll'],
    libraries: {
      http: { name: 'Microsoft.AspNetCore', version: '9.0.9' },
      rpc: { name: 'OpenTelemetry.Instrumentation.GrpcNetClient', version: '1.12.0-beta.1' },
      sql: { name: 'Npgsql', version: '9.0.3' },
      cache: { name: 'OpenTelemetry.Instrumentation.StackExchangeRedis', version: '1.12.0-beta.2' },
      messaging: { name: 'OpenTelemetry.Instrumentation.ConfluentKafka', version: '0.1.0-alpha.4' },
    },
  },
  python: {
    sdkVersion: '1.37.0',
    runtime: 'cpython',
    runtimeVersion: '3.13.7',
    command: ['gunicorn', '--workers=4', 'service:app'],
    libraries: {
      http: { name: 'opentelemetry.instrumentation.flask', version: '0.58b0' },
      rpc: { name: 'opentelemetry.instrumentation.grpc', version: '0.58b0' },
      sql: { name: 'opentelemetry.instrumentation.psycopg', version: '0.58b0' },
      cache: { name: 'opentelemetry.instrumentation.redis', version: '0.58b0' },
      messaging: { name: 'opentelemetry.instrumentation.confluent_kafka', version: '0.58b0' },
    },
  },
};

export function createFleet(random: Random): Fleet {
  const fleet = {} as Record<ServiceName, Instance[]>;
  for (const name of serviceNames) {
    const { instanceCount } = deployments[name];
    fleet[name] = Array.from({ length: instanceCount }, () => createInstance(name, random));
  }
  return fleet;
}

/** As a load balancer would. */
export function pickInstance(fleet: Fleet, service: ServiceName, random: Random): Instance {
  return random.pick(fleet[service]);
}

function createInstance(service: ServiceName, random: Random): Instance {
  const { language, version, port } = deployments[service];
  const host = `${service}-${random.hex(4)}-${random.hex(2)}`;
  return {
    service,
    language,
    host,
    address: `10.42.${random.below(256)}.${random.between(1, 254)}`,
    port,
    resource: createResource(service, host, random),
    scopes: { ...platforms[language].libraries, application: { name: service, version } },
  };
}

function createResource(service: ServiceName, host: string, random: Random): Resource {
  const { language, version } = deployments[service];
  const platform = platforms[language];
  const attributes = toKeyValues({
    'service.name': service,
    'service.namespace': 'shop',
    'service.version': version,
    'service.instance.id': random.uuid(),
    'deployment.environment.name': 'production',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': language,
    'telemetry.sdk.version': platform.sdkVersion,
    'host.name': host,
    'host.arch': random.pick(['amd64', 'arm64']),
    'os.type': 'linux',
    'process.pid': random.between(1, 32_768),
    'process.command_args': platform.command,
    'process.runtime.name': platform.runtime,
    'process.runtime.version': platform.runtimeVersion,
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': host,
  });
  return { attributes };
}
