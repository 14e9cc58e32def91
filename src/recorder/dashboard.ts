/** Opens the server of the dashboard port, as the settings ask. */
import type { Config } from '../config/config.ts';
import type { RecorderView } from '../serve/recorder-view.ts';
import { type OpenServer, openServer } from '../serve/server.ts';
import { ArcherError } from '../shared/errors.ts';
import { listenProblem } from '../shared/listen-problem.ts';

export type DashboardSettings = Pick<
  Config,
  | 'dashboard.enabled'
  | 'dashboard.host'
  | 'dashboard.port'
  | 'dashboard.allowed_hosts'
  | 'dashboard.bearer_token'
>;

/**
 * Resolves with undefined if the dashboard is off. Rejects with an ArcherError that names the
 * setting if the port cannot be opened.
 */
export async function openDashboard(
  config: DashboardSettings,
  view: RecorderView,
): Promise<OpenServer | undefined> {
  if (!config['dashboard.enabled']) return undefined;
  const host = config['dashboard.host'];
  const port = config['dashboard.port'];
  const access = {
    host,
    allowedHosts: config['dashboard.allowed_hosts'],
    bearerToken: config['dashboard.bearer_token'],
  };
  try {
    return await openServer({ host, port, access, view });
  } catch (error) {
    throw new ArcherError(listenProblem('dashboard', host, port, error), { cause: error });
  }
}
