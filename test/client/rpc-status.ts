/** google.rpc.Status in bytes, as servers send it beside an error. */
import protobuf from 'protobufjs';

/** With a RetryInfo where seconds are given; half a second is added to them. */
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
