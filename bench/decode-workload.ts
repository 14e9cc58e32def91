/** What the bench of the decoder goes through for a signal. */
import type { RivalSignal } from './decode-rival.ts';

export interface WorkloadOptions {
  /** Spread evenly over the resources of a request. */
  readonly rowsPerRequest: number;
  readonly requestCount: number;
  readonly seed: number;
}

export interface Workload<Item> {
  /** What its rows are called, in the plural. */
  readonly rowsName: string;
  /** Requests as protobuf; the same options give the same bytes. */
  readonly buildCorpus: (options: WorkloadOptions) => Buffer[];
  readonly rival: RivalSignal<Item>;
}
