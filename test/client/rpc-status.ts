/** google.rpc.Status as bytes, as servers send it with an error. */
import protobuf from 'protobufjs';

/** Returns a Status, with a RetryInfo of `retrySeconds` plus half a second if that is given. */
export function rpcStatus(message: string, retrySeconds?: number): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(18).string(message);
  if (retrySeconds !== undefined) {
    writer.uint32(26).fork();
    writer.uint32(10).string('type.googleapis.com/google.rpc.RetryInfo');
    writer.uint32(18).fork().uint32(10).fork().uint32(8).int64(retrySeconds);
    writer.uint32(16).int32(500_000_000).ldelim().ldelim().ldelim();
  }
  return writer.finish();
}
