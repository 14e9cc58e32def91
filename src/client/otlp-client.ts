/** Sends OTLP requests over HTTP or gRPC, and says what each answer means. */
import type { Clock } from '../shared/clock.ts';
import type { OtlpClient, OtlpClientOptions } from './client-port.ts';
import { openGrpcClient } from './grpc-client.ts';
import { openHttpClient } from './http-client.ts';

export function openOtlpClient(options: OtlpClientOptions, clock: Clock): OtlpClient {
  return options.protocol === 'grpc'
    ? openGrpcClient(options, clock)
    : openHttpClient(options, clock);
}
