/** What the exit codes of all commands mean. */

export const exitCode = {
  done: 0,
  /** It ran, and found or met a fault. */
  fault: 1,
  /** Wrong usage or configuration. */
  usage: 2,
} as const;

/** A shell's convention: 128 and the signal's number. */
export const signalExitCode = { SIGINT: 130, SIGTERM: 143 } as const;
