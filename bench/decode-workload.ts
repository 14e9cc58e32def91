/** The workload of a signal for the bench of the decoder. */
import type { RivalSignal } from './decode-rival.ts';

export interface WorkloadOptions {
  /** Rows per request, spread evenly over its resources. */
  readonly rowsPerRequest: number;
  readonly requestCount: number;
  readonly seed: number;
}

export interface Workload<Item> {
  /** The name of the rows, in the plural. */
  readonly rowsName: string;
  /** Returns requests in protobuf. The same options give the same bytes. */
  readonly buildCorpus: (options: WorkloadOptions) => Buffer[];
  readonly rival: RivalSignal<Item>;
}
