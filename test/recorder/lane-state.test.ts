/** A lane moves between its states by the table, and by nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LaneState, type LaneStateName, laneMoves } from '../../src/recorder/lane-state.ts';

const names = Object.keys(laneMoves) as LaneStateName[];

/** The states from `idle` to a name, along the table. */
function pathTo(name: LaneStateName): LaneStateName[] {
  const paths: LaneStateName[][] = [['idle']];
  for (const path of paths) {
    const last = path.at(-1)!;
    if (last === name) return path.slice(1);
    for (const next of laneMoves[last]) if (!path.includes(next)) paths.push([...path, next]);
  }
  return assert.fail(`${name} cannot be reached`);
}

function stateIn(name: LaneStateName): LaneState {
  const state = new LaneState();
  for (const step of pathTo(name)) state.moveTo(step);
  assert.equal(state.name, name);
  return state;
}

describe('LaneState', () => {
  for (const from of names) {
    it(`moveTo: from ${from} to the states of the table, and to no other`, () => {
      const allowed: readonly LaneStateName[] = laneMoves[from];
      for (const to of names) {
        const state = stateIn(from);
        if (allowed.includes(to)) state.moveTo(to);
        else assert.throws(() => state.moveTo(to), /by the table/);
        assert.equal(state.name, allowed.includes(to) ? to : from);
      }
    });
  }

  it('takesCommands: only while the thread runs and has opened', () => {
    assert.deepEqual(
      names.filter((name) => stateIn(name).takesCommands),
      ['blocked', 'recording'],
    );
  });
});
