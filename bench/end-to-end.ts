/**
 * Measures what recording costs from the socket to the file. Rivals take the same load in turns:
 * Node that receives and drops (the cost of receiving alone), Node with protobufjs and lines of
 * JSON, and the OpenTelemetry Collector if OTELCOL names its binary.
 */
import { collectorTarget } from './collector-target.ts';
import { compareTargets, inBenchFolder, isQuick, type Scenario } from './comparison.ts';
import { recorderTarget, rivalTarget } from './target.ts';

const scenarios: readonly Scenario[] = isQuick
  ? [
      { transport: 'http', spansPerRequest: 1000 },
      { transport: 'grpc', spansPerRequest: 100 },
    ]
  : [
      { transport: 'http', spansPerRequest: 1000 },
      { transport: 'http', spansPerRequest: 100 },
      { transport: 'grpc', spansPerRequest: 1000 },
      { transport: 'grpc', spansPerRequest: 100 },
    ];

const collector = process.env.OTELCOL;
const targets = [
  recorderTarget('Archer, zstd', ['--compression', 'zstd']),
  recorderTarget('Archer, none', ['--compression', 'none']),
  rivalTarget('Node, receives and drops', 'drop'),
  rivalTarget('Node, protobufjs and JSON lines', 'json-lines'),
  ...(collector ? [collectorTarget(collector)] : []),
];

await inBenchFolder(async (folder) => {
  for (const scenario of scenarios) await compareTargets(folder, scenario, targets);
});
