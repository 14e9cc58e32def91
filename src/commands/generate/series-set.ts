/** The time series of one instrument: one state for each set of attributes. */
import type { KeyValue } from './telemetry.ts';

interface Series<State> {
  readonly attributes: readonly KeyValue[];
  readonly state: State;
}

export class SeriesSet<State> {
  readonly #create: () => State;
  readonly #byKey = new Map<string, Series<State>>();

  constructor(create: () => State) {
    this.#create = create;
  }

  get count(): number {
    return this.#byKey.size;
  }

  /** The state of the series with these attributes, in this order; new where there is none. */
  stateOf(attributes: readonly KeyValue[]): State {
    const key = JSON.stringify(attributes);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known.state;
    const state = this.#create();
    this.#byKey.set(key, { attributes, state });
    return state;
  }

  /** In the order in which the series began. */
  map<Point>(toPoint: (attributes: readonly KeyValue[], state: State) => Point): Point[] {
    return Array.from(this.#byKey.values(), ({ attributes, state }) => toPoint(attributes, state));
  }
}
