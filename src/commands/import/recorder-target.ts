/** Who takes what is imported: the recorder that holds the directory, else one of our own. */
import { randomUUID } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Config } from '../../config/config.ts';
import { directoryHolder } from '../../disk/lock/directory-lock.ts';
import type { LockHolder } from '../../disk/lock/lock-file.ts';
import { systemProcesses } from '../../disk/lock/process-identity.ts';
import { nodeStorage } from '../../disk/storage.ts';
import { openRecorder } from '../../recorder/recorder.ts';
import type { Clock } from '../../shared/clock.ts';
import { ArcherError, type Problem, problem, problemOf } from '../../shared/errors.ts';
import type { Journal } from '../../shared/journal.ts';
import type { Protocol } from '../../shared/otlp-protocol.ts';

export interface RecorderTarget {
  readonly protocol: Extract<Protocol, 'http/protobuf' | 'grpc'>;
  readonly endpoint: URL;
  /** Demanded by a recorder of our own. */
  readonly headers: Readonly<Record<string, string>>;
  /** For sentences. */
  readonly name: string;
  /** Resolves with the reason when it cannot go on; never for a recorder of others. */
  readonly failed: Promise<Problem>;
  /** Seals what a recorder of our own has; rejects where not all could be written. */
  close(): Promise<void>;
}

export interface TargetOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly journal: Journal;
  /** True if the recorder's listeners use TLS. */
  readonly isSecure: boolean;
}

/** A recorder that starts has listeners once its log is read: gigabytes of it in seconds. */
const listeningMsMax = 30_000;
const lookMs = 100;

/** Rejects with one line that names the remedy. */
export async function openRecorderTarget(options: TargetOptions): Promise<RecorderTarget> {
  const holder = await findHolder(options);
  if (holder !== undefined) return targetOf(holder, options);
  try {
    return await openOwn(options);
  } catch (error) {
    if (problemOf(error).code !== 'ERR_ARCHER_DIRECTORY_HELD') throw error;
    // Somebody was quicker.
    const other = await findHolder(options);
    if (other === undefined) throw error;
    return targetOf(other, options);
  }
}

/** Waits for the listeners of one that is starting. */
async function findHolder(options: TargetOptions): Promise<LockHolder | undefined> {
  const { config, clock, sleep } = options;
  const processes = systemProcesses(nodeStorage);
  const lateMs = clock.monotonicMs() + listeningMsMax;
  for (;;) {
    const holder = directoryHolder(nodeStorage, config.output_dir, processes);
    if (holder === undefined || holder.ports !== null) return holder;
    if (clock.monotonicMs() >= lateMs) {
      throw holderError(config, holder.pid, 'does not listen');
    }
    await sleep(lookMs);
  }
}

/** Through the port that needs least: over HTTP a request that is refused says more. */
export function targetOf(
  { pid, ports }: Pick<LockHolder, 'pid' | 'ports'>,
  { config, isSecure }: Pick<TargetOptions, 'config' | 'isSecure'>,
): RecorderTarget {
  const transport = ports?.http ? 'http' : 'grpc';
  const port = ports?.[transport];
  if (!port) throw holderError(config, pid, 'does not accept OTLP');
  const host = reachableHost(config[`${transport}.host`]);
  return {
    protocol: transport === 'http' ? 'http/protobuf' : 'grpc',
    endpoint: new URL(`${isSecure ? 'https' : 'http'}://${host}:${port}`),
    headers: {},
    name: `the recorder (process ${pid})`,
    failed: new Promise(() => {}),
    close: async () => {},
  };
}

function holderError(config: Config, pid: number, fault: string): ArcherError {
  const facts = { directory: config.output_dir, pid, fault };
  return new ArcherError(problem('ERR_ARCHER_HOLDER_UNREACHABLE', facts));
}

/** Who listens everywhere is reached here. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}

async function openOwn({ config, journal }: TargetOptions): Promise<RecorderTarget> {
  const token = randomUUID();
  const recorder = await openRecorder(ownConfig(config, token), journal);
  return {
    protocol: 'http/protobuf',
    endpoint: new URL(`http://127.0.0.1:${recorder.ports.http}`),
    headers: { authorization: `Bearer ${token}` },
    name: 'the recorder that the import has started',
    failed: recorder.failed,
    close: async () => {
      await recorder.shutdown();
    },
  };
}

/** For this process alone; forwarding goes on from its cursors when a recorder is started again. */
function ownConfig(config: Config, token: string): Config {
  return {
    ...config,
    'grpc.enabled': false,
    'http.enabled': true,
    'http.host': '127.0.0.1',
    'http.port': 0,
    'dashboard.enabled': false,
    'tls.cert_file': undefined,
    'tls.key_file': undefined,
    'tls.client_ca_file': undefined,
    'auth.bearer_tokens': [token],
    'auth.basic': [],
    forwarding: [],
  };
}
