/** `archer generate`: sends the traces of a small shop to an OTLP endpoint. */
import { Command } from 'commander';
import { systemClock } from '../shared/clock.ts';
import { exitCode } from './exit-code.ts';
import { deliver, sleep, type Tally } from './generate/delivery.ts';
import { encodeJson, encodeProtobuf } from './generate/encoding.ts';
import { openProgress, type Progress } from './generate/progress.ts';
import { Random } from './generate/random.ts';
import { openSender } from './generate/sender.ts';
import {
  addGenerateOptions,
  type GenerateOptions,
  type GenerateSettings,
  toSettings,
} from './generate/settings.ts';
import { openShop } from './generate/shop.ts';
import { summaryJson, summaryProblem, summaryText } from './generate/summary.ts';
import { Traffic } from './generate/traffic.ts';
import { onStopSignals } from './stop-signals.ts';

/** As the specification's default for exporters. */
const requestTimeoutMs = 10_000;

export function generateCommand(): Command {
  const command = new Command('generate');
  command.description('sends the traces of a small shop to an OTLP endpoint');
  return addGenerateOptions(command).action(async (options: GenerateOptions) => {
    process.exitCode = await runGenerate(toSettings(command, options), options);
  });
}

/** Makes the traces, sends them and counts the answers; an aborted signal ends it early. */
export async function generate(
  settings: GenerateSettings,
  progress: Progress,
  stop: AbortSignal,
): Promise<Tally> {
  const random = new Random(settings.seed);
  const traffic = new Traffic(openShop(random), random, settings);
  const limits = { connectionsMax: settings.concurrency, timeoutMs: requestTimeoutMs };
  const sender = openSender({ ...settings, ...limits }, systemClock);
  const ports = {
    clock: systemClock,
    sleep,
    encode: settings.protocol === 'http/json' ? encodeJson : encodeProtobuf,
    send: sender.send,
    fraction: Math.random,
    progress: progress.update,
  };
  try {
    return await deliver(traffic, settings, ports, stop);
  } finally {
    progress.close();
    sender.close();
  }
}

async function runGenerate(settings: GenerateSettings, options: GenerateOptions): Promise<number> {
  const { seed, endpoint } = settings;
  if (options.seed === undefined) {
    console.error(`seed ${seed} (for the same traces again: --seed ${seed})`);
  }
  const stop = new AbortController();
  const signals = onStopSignals();
  void signals.first.then(() => stop.abort());
  const tally = await generate(settings, openProgress(settings, process.stderr), stop.signal);
  signals.forget();
  console.log(options.json ? summaryJson(tally, seed) : summaryText(tally));
  const problem = summaryProblem(tally, endpoint.origin);
  if (problem === undefined) return exitCode.done;
  console.error(`archer: ${problem}`);
  return exitCode.fault;
}
