/** `archer generate`: sends the traces, metrics and logs of a small shop to an OTLP endpoint. */
import { Command } from 'commander';
import { openOtlpClient } from '../client/otlp-client.ts';
import { systemClock } from '../shared/clock.ts';
import { openDeliveryBar } from './delivery/delivery-bar.ts';
import { sleep } from './delivery/request-delivery.ts';
import { reportRetries, summaryJson, summaryProblem, summaryText } from './delivery/summary.ts';
import type { Tally } from './delivery/tally.ts';
import { sendTraffic } from './generate/pacing.ts';
import { toJson, toProtobuf } from './generate/serialize.ts';
import {
  addGenerateOptions,
  type GenerateOptions,
  type GenerateSettings,
  toSettings,
} from './generate/settings.ts';
import { Traffic } from './generate/traffic.ts';
import { exitCode } from './process/exit-code.ts';
import { onStopSignals } from './process/stop-signals.ts';
import { printProblems } from './terminal/print-problems.ts';

/** The default timeout of OpenTelemetry's exporters. */
const requestTimeoutMs = 10_000;

export function generateCommand(): Command {
  const command = new Command('generate');
  command.description('sends traces, metrics and logs of a small shop to an OTLP endpoint');
  return addGenerateOptions(command).action(async (options: GenerateOptions) => {
    process.exitCode = await runGenerate(toSettings(command, options), options);
  });
}

async function runGenerate(settings: GenerateSettings, options: GenerateOptions): Promise<number> {
  const { seed, endpoint } = settings;
  if (options.seed === undefined)
    console.error(`seed ${seed} (for the same telemetry again: --seed ${seed})`);
  const stopSignals = onStopSignals();
  const tally = await send(settings, stopSignals.abort);
  stopSignals.forget();
  console.log(options.json ? summaryJson(tally, { seed }) : summaryText(tally));
  const problem = summaryProblem(tally, endpoint.origin, '--endpoint');
  if (problem === undefined) return exitCode.done;
  printProblems([problem], options.json);
  return exitCode.fault;
}

async function send(settings: GenerateSettings, stop: AbortSignal): Promise<Tally> {
  const { concurrency, protocol, endpoint, duration } = settings;
  const userAgent = 'archer-generate';
  const limits = { connectionsMax: concurrency, timeoutMs: requestTimeoutMs, userAgent };
  const client = openOtlpClient({ ...settings, ...limits }, systemClock);
  const bar = openDeliveryBar(Math.ceil(duration / 1000), '| {value}/{total} s', process.stderr);
  const ports = {
    ...{ clock: systemClock, sleep, fraction: Math.random, send: client.send },
    serialize: protocol === 'http/json' ? toJson : toProtobuf,
    progress: (tally: Tally, elapsedMs: number) => bar.update(elapsedMs / 1000, tally),
    onFirstRetry: reportRetries(endpoint.origin, process.stderr),
  };
  try {
    return await sendTraffic(new Traffic(settings), settings, ports, stop);
  } finally {
    bar.close();
    client.close();
  }
}
