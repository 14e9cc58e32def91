/** The error for a listener that cannot be opened. */
import { type Problem, problem } from './errors.ts';

/**
 * Returns a problem with the port, the reason and the option to change. `listener` is the name of
 * the section in the configuration: grpc, http or dashboard. `error` is Node's.
 */
export function listenProblem(
  listener: string,
  host: string,
  port: number,
  error: unknown,
): Problem {
  const { code, message: reason } = error as NodeJS.ErrnoException;
  const facts = { listener, host, port };
  if (code === 'EADDRINUSE') return problem('ERR_ARCHER_PORT_IN_USE', facts);
  if (code === 'EACCES') return problem('ERR_ARCHER_PORT_NOT_PERMITTED', facts);
  return problem('ERR_ARCHER_LISTEN_FAILED', { ...facts, reason });
}
