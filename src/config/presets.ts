/** Presets: defaults for a purpose, each of which any other source may override. */
import type { Config, SettingKey } from './settings.ts';

type Preset = Readonly<Partial<Record<SettingKey, string>>>;

export const presets: Readonly<Record<Config['preset'], Preset>> = {
  balanced: {},
  /** What was sent can be read a second later, at the price of more and smaller batches. */
  low_latency: { 'batch.max_rows': '1000', 'batch.max_age': '1s' },
  /** Larger batches compress better; larger rings hold what arrives while one is written. */
  high_throughput: { 'batch.max_rows': '50000', 'batch.max_age': '10s', 'ring.bytes': '64MiB' },
};
