/** One line for a listener that cannot be opened: which port, why, and the remedy. */

/** `name` is the listener's place in the configuration: grpc, http or dashboard. */
export function listenFault(name: string, host: string, port: number, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = `${name}.port ${port} on ${host}`;
  if (code === 'EADDRINUSE') {
    return `${where} is in use: stop what has it, or choose another with --${name}-port`;
  }
  if (code === 'EACCES')
    return `${where} may not be used: choose one above 1023 with --${name}-port`;
  return `${where} cannot be opened: ${message}; change --${name}-host or --${name}-port`;
}
