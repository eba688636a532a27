import type { Metrics } from '@quartet/common/process/metrics.ts';
import type { Source } from './catch-up.ts';

export type LiveMetrics = {
  sent(): void;
  cutOff(): void;
  /** Says where a reader began: with events from memory or from the broker, or with a reset. */
  resumed(source: Source | 'reset'): void;
};

export function createLiveMetrics({ observe, count, countBy }: Metrics, open: () => number): LiveMetrics {
  observe('live_streams', 'Open streams of live updates', async () => open());
  const sent = countBy('live_events_sent_total', 'Events written to streams of live updates', []);
  const cutOff = countBy('live_cut_off_total', 'Streams cut off because their readers were too slow', []);
  const resumed = count(
    'live_resumes_total',
    'Streams begun, by where their first events came from',
    'source',
  );
  return { sent: () => sent({}), cutOff: () => cutOff({}), resumed };
}
