/** The Prometheus text says what the recorder counts. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { renderMetrics } from '../../src/serve/metrics.ts';
import { fakeView } from './fake-view.ts';

function sampleOf(text: string, series: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  assert.ok(line !== undefined, `${series} is missing`);
  return Number(line.split(' ')[1]);
}

it('renderMetrics: gives every count with its labels', async () => {
  const text = await renderMetrics(fakeView());
  assert.equal(sampleOf(text, 'archer_received_total{signal="traces"}'), 10);
  assert.equal(sampleOf(text, 'archer_archived_total{signal="traces"}'), 6);
  assert.equal(sampleOf(text, 'archer_pending{signal="traces"}'), 3);
  assert.equal(sampleOf(text, 'archer_rejected_total{signal="traces",reason="too_large"}'), 1);
  assert.equal(sampleOf(text, 'archer_recovered_total{signal="traces"}'), 0);
  const requests = 'archer_requests_total{signal="traces",transport="http",code="200"}';
  assert.equal(sampleOf(text, requests), 4);
  const label = '{signal="logs",reason="age"}';
  assert.equal(sampleOf(text, `archer_retention_deleted_segments_total${label}`), 2);
  assert.equal(sampleOf(text, `archer_retention_deleted_bytes_total${label}`), 700);
  const destination = '{destination="upstream"}';
  assert.equal(sampleOf(text, `archer_forward_delivered_requests_total${destination}`), 7);
  assert.equal(sampleOf(text, `archer_forward_sampled_out_requests_total${destination}`), 3);
  assert.equal(sampleOf(text, `archer_forward_sampled_out_items_total${destination}`), 9);
  assert.equal(sampleOf(text, `archer_forward_lag_seconds${destination}`), 1.5);
  assert.equal(sampleOf(text, `archer_forward_lag_bytes${destination}`), 4_096);
  const lastSuccess = `archer_forward_last_success_timestamp_seconds${destination}`;
  assert.equal(sampleOf(text, lastSuccess), 1.5);
  assert.equal(sampleOf(text, `archer_forward_breaker_state${destination}`), 2);
  assert.ok(sampleOf(text, 'process_resident_memory_bytes') > 0);
});

it('renderMetrics: each of two overlapping scrapes is of one moment', async () => {
  let received = 0;
  const view = {
    ...fakeView(),
    itemCounts: () => {
      received++;
      return { traces: { received, archived: received, pending: 0, recovered: 0, rejected: {} } };
    },
  };
  const texts = await Promise.all(Array.from({ length: 20 }, () => renderMetrics(view)));
  for (const text of texts) {
    assert.equal(
      sampleOf(text, 'archer_received_total{signal="traces"}'),
      sampleOf(text, 'archer_archived_total{signal="traces"}'),
    );
  }
});
