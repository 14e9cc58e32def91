/** The OTLP messages outside the hot path, read with protobufjs from the unedited .proto files. */
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import type { Signal } from './signal.ts';

/** Path from dist/src/shared to the package's proto folder. */
const protoFolder = fileURLToPath(new URL('../../../proto', import.meta.url));

const services = {
  traces: { folder: 'trace', name: 'Trace' },
  metrics: { folder: 'metrics', name: 'Metrics' },
  logs: { folder: 'logs', name: 'Logs' },
} as const satisfies Record<Signal, { folder: string; name: string }>;

let root: protobuf.Root | undefined;

function loadRoot(): protobuf.Root {
  if (root !== undefined) return root;
  const loaded = new protobuf.Root();
  loaded.resolvePath = (_origin, target) => `${protoFolder}/${target}`;
  for (const { folder } of Object.values(services)) {
    loaded.loadSync(`opentelemetry/proto/collector/${folder}/v1/${folder}_service.proto`);
  }
  loaded.resolveAll();
  root = loaded;
  return loaded;
}

/** The type of Export…ServiceRequest for a signal; loads the .proto files when first asked. */
export function requestType(signal: Signal): protobuf.Type {
  return collectorType(signal, 'Request');
}

/** The type of Export…ServiceResponse for a signal. */
export function responseType(signal: Signal): protobuf.Type {
  return collectorType(signal, 'Response');
}

function collectorType(signal: Signal, suffix: 'Request' | 'Response'): protobuf.Type {
  const { folder, name } = services[signal];
  return loadRoot().lookupType(
    `opentelemetry.proto.collector.${folder}.v1.Export${name}Service${suffix}`,
  );
}

/** Returns the type of an OTLP message by its name below `opentelemetry.proto`. */
export function messageType(name: string): protobuf.Type {
  return loadRoot().lookupType(`opentelemetry.proto.${name}`);
}

/** The gRPC path of a signal's Export method. */
export function exportMethodPath(signal: Signal): string {
  const { folder, name } = services[signal];
  return `/opentelemetry.proto.collector.${folder}.v1.${name}Service/Export`;
}

/** The name of a signal's request in messages. It loads no .proto file. */
export function requestName(signal: Signal): string {
  return `Export${services[signal].name}ServiceRequest`;
}

/**
 * Names of the bytes fields that OTLP/JSON writes in hex. All other bytes fields are base64, as in
 * protobuf's own mapping. Links and exemplars use the same names.
 */
export const hexFieldNames: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId']);
