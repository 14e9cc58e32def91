/** What instances have made and not yet sent, so that most requests come from one of them. */
import type { Instance } from './fleet.ts';
import type { Scope } from './telemetry.ts';

interface Emitted {
  readonly instance: Instance;
  readonly scope: Scope;
}

/** A part of a request. */
export interface InstanceItems<Item> {
  readonly instance: Instance;
  /** In the order in which they were held, by their scopes. */
  readonly groups: ReadonlyMap<Scope, readonly Item[]>;
}

export class HeldItems<Item extends Emitted> {
  readonly #byInstance = new Map<Instance, Item[]>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  hold(items: readonly Item[]): void {
    for (const item of items) {
      const held = this.#byInstance.get(item.instance);
      if (held === undefined) this.#byInstance.set(item.instance, [item]);
      else held.push(item);
    }
    this.#count += items.length;
  }

  /** So many items, of which there must be as many; first those of whoever holds most. */
  take(count: number): InstanceItems<Item>[] {
    const taken: InstanceItems<Item>[] = [];
    for (let left = count; left > 0; ) {
      const [instance, held] = this.#fullest();
      const part = held.splice(0, left);
      taken.push({ instance, groups: byScope(part) });
      left -= part.length;
    }
    this.#count -= count;
    return taken;
  }

  #fullest(): [Instance, Item[]] {
    let fullest: [Instance, Item[]] | undefined;
    for (const entry of this.#byInstance) {
      if (fullest === undefined || entry[1].length > fullest[1].length) fullest = entry;
    }
    if (fullest === undefined || fullest[1].length === 0) throw new Error('Nothing is held.');
    return fullest;
  }
}

function byScope<Item extends Emitted>(items: readonly Item[]): Map<Scope, Item[]> {
  const groups = new Map<Scope, Item[]>();
  for (const item of items) {
    const group = groups.get(item.scope);
    if (group === undefined) groups.set(item.scope, [item]);
    else group.push(item);
  }
  return groups;
}
