/** A client with settings that suit most tests. */
import type { OtlpClient, OtlpClientOptions } from '../../src/client/client-port.ts';
import { openOtlpClient } from '../../src/client/otlp-client.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import type { Protocol } from '../../src/shared/otlp-protocol.ts';

export function openClient(
  protocol: Protocol,
  port: number,
  options: Partial<OtlpClientOptions> = {},
  clock: Clock = systemClock,
): OtlpClient {
  const endpoint = new URL(`http://127.0.0.1:${port}`);
  const limits = { compression: 'none', connectionsMax: 2, timeoutMs: 5_000 } as const;
  return openOtlpClient(
    { protocol, endpoint, ...limits, userAgent: 'archer-test', ...options },
    clock,
  );
}
