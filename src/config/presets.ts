/** Presets: sets of defaults for a purpose. Every other source overrides them. */
import type { Config, SettingKey } from './settings.ts';

type Preset = Readonly<Partial<Record<SettingKey, string>>>;

export const presets: Readonly<Record<Config['preset'], Preset>> = {
  balanced: {},
  /** Data can be read one second after it was sent, at the price of more and smaller batches. */
  low_latency: { 'batch.max_rows': '1000', 'batch.max_age': '1s' },
  /** Larger batches compress better. Larger rings hold what arrives while a batch is written. */
  high_throughput: { 'batch.max_rows': '50000', 'batch.max_age': '10s', 'ring.bytes': '64MiB' },
};
