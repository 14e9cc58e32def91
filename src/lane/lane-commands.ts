/** Carries out the commands that the main thread sends to a lane which records. */
import type { Config } from '../config/config.ts';
import type { Lane } from './lane.ts';
import type { LaneCommand, LaneDone } from './lane-messages.ts';
import type { VanishedFiles } from './vanished-files.ts';

export interface LaneCommandsOptions {
  readonly lane: Pick<Lane, 'turn' | 'flush' | 'rotate'>;
  readonly vanishedFiles: Pick<VanishedFiles, 'reportLost'>;
  /** Takes up the settings that a reload may change. */
  readonly reconfigure: (config: Config) => void;
}

export class LaneCommands {
  readonly #options: LaneCommandsOptions;

  constructor(options: LaneCommandsOptions) {
    this.#options = options;
  }

  /** Returns when the command is carried out. After `stop` the lane takes no frames any more. */
  execute(command: LaneCommand): LaneDone {
    const { lane, vanishedFiles, reconfigure } = this.#options;
    const { kind, id } = command;
    if (kind === 'reconfigure') {
      reconfigure(command.config);
      return { kind: 'done', id, rows: {}, sealed: [] };
    }
    if (kind === 'flush') return toDone(id, { ...lane.flush(), sealed: [] });
    if (kind === 'rotate') return toDone(id, lane.rotate(command.reason));
    // The turns before took every frame that was acknowledged when the command was sent. At a stop
    // the rings may hold more, whose senders still wait for their answers.
    while (lane.turn() > 0);
    const done = toDone(id, lane.rotate('asked'));
    vanishedFiles.reportLost();
    return done;
  }
}

function toDone(id: number, { rows, sealed, fault }: ReturnType<Lane['rotate']>): LaneDone {
  return { kind: 'done', id, rows, sealed, ...(fault === undefined ? {} : { fault }) };
}
