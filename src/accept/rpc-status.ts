/** The body of every refusal, a google.rpc.Status, in protobuf and in JSON. */
import protobuf from 'protobufjs';

/** The codes in use, as gRPC numbers them. */
export const rpcCode = {
  ok: 0,
  invalidArgument: 3,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export type RpcCode = (typeof rpcCode)[keyof typeof rpcCode];

/** Any and Duration are those of google.protobuf; on the wire a message has no name. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
`);

export const statusType = root.lookupType('google.rpc.Status');
export const retryInfoType = root.lookupType('google.rpc.RetryInfo');
export const retryInfoUrl = 'type.googleapis.com/google.rpc.RetryInfo';

export interface RpcStatus {
  readonly code: RpcCode;
  readonly message: string;
  /** With RetryInfo when set: the sender may try again after so many seconds. */
  readonly retryDelaySeconds?: number;
}

export function statusToProtobuf({ code, message, retryDelaySeconds }: RpcStatus): Buffer {
  const details = retryDelaySeconds === undefined ? [] : [packRetryInfo(retryDelaySeconds)];
  return Buffer.from(statusType.encode({ code, message, details }).finish());
}

export function statusToJson({ code, message, retryDelaySeconds }: RpcStatus): Buffer {
  const retryInfo = { '@type': retryInfoUrl, retryDelay: `${retryDelaySeconds}s` };
  const details = retryDelaySeconds === undefined ? {} : { details: [retryInfo] };
  return Buffer.from(JSON.stringify({ code, message, ...details }));
}

function packRetryInfo(seconds: number): { typeUrl: string; value: Uint8Array } {
  const value = retryInfoType.encode({ retryDelay: { seconds } }).finish();
  return { typeUrl: retryInfoUrl, value };
}
