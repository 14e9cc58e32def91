/** Opens the OTLP client for a protocol. */
import type { Clock } from '../shared/clock.ts';
import type { OtlpClient, OtlpClientOptions } from './client-port.ts';
import { openGrpcClient } from './grpc-client.ts';
import { openHttpClient } from './http-client.ts';

export function openOtlpClient(options: OtlpClientOptions, clock: Clock): OtlpClient {
  return options.protocol === 'grpc'
    ? openGrpcClient(options, clock)
    : openHttpClient(options, clock);
}
