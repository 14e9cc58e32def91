/** Takes the settings of retention from the configuration: the limits and the schedules. */

import type { Config } from '../config/config.ts';
import type { RetentionSettings } from '../retention/sealed-segments.ts';

export function retentionSettingsOf(config: Config): RetentionSettings {
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
