/** What the configuration says of the archive: how long segments stay, and when what is done. */
import type { ArchiveSettings } from './archive-keeper.ts';
import type { Config } from './config.ts';

export function archiveSettingsOf(config: Config): ArchiveSettings {
  const ageMaxMs = config['retention.max_age'];
  return {
    limits: {
      ageMaxMs: {
        traces: config['retention.traces.max_age'] ?? ageMaxMs,
        metrics: config['retention.metrics.max_age'] ?? ageMaxMs,
        logs: config['retention.logs.max_age'] ?? ageMaxMs,
      },
      bytesMax: config['retention.max_bytes'],
      freeBytesMin: config['retention.min_free_bytes'],
    },
    sweepSchedule: config['retention.schedule'],
    rotationSchedule: config['rotation.schedule'],
  };
}
