/** `archer generate`: sends the traces, metrics and logs of a small shop to an OTLP endpoint. */
import { Command } from 'commander';
import { openOtlpClient } from '../client/otlp-client.ts';
import { systemClock } from '../shared/clock.ts';
import { sleep } from './delivery/request-delivery.ts';
import { summaryJson, summaryProblem, summaryText, tellRetries } from './delivery/summary.ts';
import type { Tally } from './delivery/tally.ts';
import { deliver } from './generate/delivery.ts';
import { encodeJson, encodeProtobuf } from './generate/encoding.ts';
import { openProgress, type Progress } from './generate/progress.ts';
import { Random } from './generate/random.ts';
import {
  addGenerateOptions,
  type GenerateOptions,
  type GenerateSettings,
  toSettings,
} from './generate/settings.ts';
import { openShop } from './generate/shop.ts';
import { ShopMetrics } from './generate/shop-metrics.ts';
import { Traffic } from './generate/traffic.ts';
import { exitCode } from './process/exit-code.ts';
import { onStopSignals } from './process/stop-signals.ts';

/** As the specification's default for exporters. */
const requestTimeoutMs = 10_000;

const userAgent = 'archer-generate';

export function generateCommand(): Command {
  const command = new Command('generate');
  command.description('sends traces, metrics and logs of a small shop to an OTLP endpoint');
  return addGenerateOptions(command).action(async (options: GenerateOptions) => {
    process.exitCode = await runGenerate(toSettings(command, options), options);
  });
}

/** Makes the telemetry, sends it and counts the answers; an aborted signal ends it early. */
export async function generate(
  settings: GenerateSettings,
  progress: Progress,
  stop: AbortSignal,
): Promise<Tally> {
  const random = new Random(settings.seed);
  const shop = openShop(random);
  // Numbers of their own: the spans are the same whichever signals are sent.
  const metrics = new ShopMetrics(shop.fleet, new Random(settings.seed), settings.seriesCount);
  const traffic = new Traffic(shop, random, metrics, settings);
  const limits = { connectionsMax: settings.concurrency, timeoutMs: requestTimeoutMs };
  const client = openOtlpClient({ ...settings, ...limits, userAgent }, systemClock);
  const ports = {
    clock: systemClock,
    sleep,
    encode: settings.protocol === 'http/json' ? encodeJson : encodeProtobuf,
    send: client.send,
    fraction: Math.random,
    progress: progress.update,
    onFirstRetry: tellRetries(settings.endpoint.origin, process.stderr),
  };
  try {
    return await deliver(traffic, settings, ports, stop);
  } finally {
    progress.close();
    client.close();
  }
}

async function runGenerate(settings: GenerateSettings, options: GenerateOptions): Promise<number> {
  const { seed, endpoint } = settings;
  if (options.seed === undefined) {
    console.error(`seed ${seed} (for the same telemetry again: --seed ${seed})`);
  }
  const stop = new AbortController();
  const signals = onStopSignals();
  void signals.first.then(() => stop.abort());
  const tally = await generate(settings, openProgress(settings, process.stderr), stop.signal);
  signals.forget();
  console.log(options.json ? summaryJson(tally, { seed }) : summaryText(tally));
  const problem = summaryProblem(tally, endpoint.origin, '--endpoint');
  if (problem === undefined) return exitCode.done;
  console.error(`archer: ${problem}`);
  return exitCode.fault;
}
