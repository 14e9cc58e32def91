/** Faults of the disk that change nothing: what is only tried, and what somebody has deleted. */

/** For what is tried while another error is on its way, or where a failure is told otherwise. */
export function succeeds(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

/** Undefined where nothing has the path any more; a person or retention may delete at any time. */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
