/**
 * The OpenTelemetry Collector with its file exporter, as a target. The caller provides the path of
 * its binary.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Signal, signals } from '../src/shared/signal.ts';
import { endProcess, folderBytes, type StartTarget } from './target.ts';

const lookMs = 50;
const startMsMax = 20_000;

export interface Collector {
  readonly child: ChildProcess;
  readonly ports: { readonly http: number; readonly grpc: number };
  /** The file: messages, each after its length in four bytes, big-endian. */
  readonly files: Readonly<Record<Signal, string>>;
}

/** Writes an uncompressed file of protobuf, its fastest mode that keeps what it acknowledges. */
export function collectorTarget(binary: string): StartTarget {
  return async (folder) => {
    const { child, ports } = await startCollector(binary, folder, await freePorts());
    const stop = async () => {
      await endProcess(child);
      return { diskBytes: folderBytes(folder) };
    };
    return { name: 'OpenTelemetry Collector to a file', processId: child.pid!, ports, stop };
  };
}

/** Resolves when the Collector listens. */
export async function startCollector(
  binary: string,
  folder: string,
  ports: Collector['ports'],
): Promise<Collector> {
  const config = join(folder, 'otelcol.yaml');
  const paths = signals.map((signal) => [signal, join(folder, `${signal}.pb`)] as const);
  const files = Object.fromEntries(paths) as Collector['files'];
  writeFileSync(config, configText(ports, files));
  const child = spawn(binary, ['--config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => child.kill());
  await Promise.race([allListening(ports), endOf(child)]);
  return { child, ports, files };
}

function configText(ports: Collector['ports'], files: Collector['files']): string {
  const exporters = signals.map((signal) => {
    return `  file/${signal}: { path: ${JSON.stringify(files[signal])}, format: proto }`;
  });
  const pipelines = signals.map((signal) => {
    return `    ${signal}: { receivers: [otlp], exporters: [file/${signal}] }`;
  });
  return `
receivers:
  otlp:
    protocols:
      http: { endpoint: "127.0.0.1:${ports.http}" }
      grpc: { endpoint: "127.0.0.1:${ports.grpc}" }
exporters:
${exporters.join('\n')}
service:
  telemetry:
    metrics: { level: none }
    logs: { level: error }
  pipelines:
${pipelines.join('\n')}
`;
}

export async function freePorts(): Promise<Collector['ports']> {
  return { http: await freePort(), grpc: await freePort() };
}

/**
 * Returns a port that was free a moment ago. The Collector does not report which port it took, so
 * the bench must choose one.
 */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function allListening(ports: Readonly<Record<string, number>>): Promise<unknown> {
  return Promise.all(Object.values(ports).map(listening));
}

/**
 * Rejects if the Collector ends; never resolves. The Collector's own messages go to standard error.
 */
function endOf(child: ChildProcess): Promise<never> {
  return new Promise((_resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the Collector ended with ${code}`)));
  });
}

/** Resolves when a process listens on the port. */
async function listening(port: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < startMsMax; waitedMs += lookMs) {
    if (await accepts(port)) return;
    await sleep(lookMs);
  }
  throw new Error(`the Collector does not listen after ${startMsMax} ms`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (isOpen: boolean) => () => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}
