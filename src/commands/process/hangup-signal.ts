/** SIGHUP: asks a running recorder to read its configuration anew. */

export interface HangupSignal {
  /** From now on called at each SIGHUP, and at once if one has come before. */
  listen(heard: () => void): void;
  /** Leaves the signal to others again. */
  forget(): void;
}

/** To be called first of all: a SIGHUP that nobody hears ends the process. */
export function onHangupSignal(): HangupSignal {
  let isPending = false;
  let listener = () => {
    isPending = true;
  };
  const heard = () => listener();
  process.on('SIGHUP', heard);
  return {
    listen: (next) => {
      listener = next;
      if (isPending) next();
      isPending = false;
    },
    forget: () => {
      process.off('SIGHUP', heard);
    },
  };
}
