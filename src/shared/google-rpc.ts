/** Writes and reads google.rpc.Status, the body of every OTLP refusal, in protobuf and JSON. */
import protobuf from 'protobufjs';
import type { ErrorCode } from './errors.ts';

/** The codes that the recorder answers with, as gRPC numbers them. */
export const rpcCode = {
  ok: 0,
  invalidArgument: 3,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export type RpcCode = (typeof rpcCode)[keyof typeof rpcCode];

/** The gRPC trailer that carries a Status in protobuf. */
export const statusDetailsKey = 'grpc-status-details-bin';

/**
 * Any and Duration belong to google.protobuf. The bytes do not contain the names of types, so these
 * declarations can stand in one package.
 */
const { root } = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message ErrorInfo { string reason = 1; string domain = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
`);

const statusType = root.lookupType('google.rpc.Status');
const retryInfoType = root.lookupType('google.rpc.RetryInfo');
const retryInfoName = 'google.rpc.RetryInfo';
const retryInfoUrl = `type.googleapis.com/${retryInfoName}`;
const errorInfoType = root.lookupType('google.rpc.ErrorInfo');
const errorInfoUrl = 'type.googleapis.com/google.rpc.ErrorInfo';

/** The domain that defines the reasons of an ErrorInfo. */
const errorDomain = 'otlp-archer';

/** A Status to send. */
export interface RpcStatus {
  readonly code: RpcCode;
  readonly message: string;
  /** The code of docs/errors.md; the details have it in an ErrorInfo. */
  readonly reason: ErrorCode;
  /** If set, the details have a RetryInfo: the sender may try again after this many seconds. */
  readonly retryDelaySeconds?: number;
}

export function statusToProtobuf(status: RpcStatus): Buffer {
  const { code, message, reason, retryDelaySeconds } = status;
  const details = [
    packErrorInfo(reason),
    ...(retryDelaySeconds === undefined ? [] : [packRetryInfo(retryDelaySeconds)]),
  ];
  return Buffer.from(statusType.encode({ code, message, details }).finish());
}

export function statusToJson({ code, message, reason, retryDelaySeconds }: RpcStatus): Buffer {
  const errorInfo = { '@type': errorInfoUrl, reason, domain: errorDomain };
  const retryInfo = { '@type': retryInfoUrl, retryDelay: `${retryDelaySeconds}s` };
  const details = retryDelaySeconds === undefined ? [errorInfo] : [errorInfo, retryInfo];
  return Buffer.from(JSON.stringify({ code, message, details }));
}

function packErrorInfo(reason: string): PackedMessage {
  const value = errorInfoType.encode({ reason, domain: errorDomain }).finish();
  return { typeUrl: errorInfoUrl, value };
}

function packRetryInfo(seconds: number): PackedMessage {
  const value = retryInfoType.encode({ retryDelay: { seconds } }).finish();
  return { typeUrl: retryInfoUrl, value };
}

/** A Status that was received. */
export interface ReceivedStatus {
  /** A gRPC code; 0 if the sender left it out. */
  readonly code: number;
  /** Empty if the sender left it out. */
  readonly message: string;
  /** The delay of the first RetryInfo among the details; undefined if there is none. */
  readonly retryDelayMs: number | undefined;
}

/** Throws if the bytes are not a Status in protobuf. */
export function statusFromProtobuf(bytes: Uint8Array): ReceivedStatus {
  const { code, message, details } = statusType.decode(bytes) as unknown as DecodedStatus;
  const retryInfo = details.find(({ typeUrl }) => typeUrl.endsWith(`/${retryInfoName}`));
  return { code, message, retryDelayMs: retryInfo && unpackRetryInfo(retryInfo) };
}

/** Returns undefined if the bytes are not a RetryInfo: code and message are useful without it. */
function unpackRetryInfo({ value }: PackedMessage): number | undefined {
  try {
    const { retryDelay } = retryInfoType.toObject(retryInfoType.decode(value), { longs: Number });
    return (retryDelay?.seconds ?? 0) * 1000 + (retryDelay?.nanos ?? 0) / 1e6;
  } catch {
    return undefined;
  }
}

/** google.protobuf.Any. */
interface PackedMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** A decoded Status; protobufjs gives each missing field its default. */
interface DecodedStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly PackedMessage[];
}
