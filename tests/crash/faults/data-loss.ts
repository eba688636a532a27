import type { BrokerNames } from '@quartet/common/events/broker/names.ts';

/** What auth makes at the broker, each of which an administrator may delete; a bucket is a stream by another name. */
export const keptAtBroker = ['EVENTS', 'DEAD_LETTERS', 'REVOCATIONS', 'ROUTES', 'LIMITS'] as const;

export type KeptName = (typeof keptAtBroker)[number];

/** What the broker may lose: all its files, or one of its streams and buckets. */
export const losses = ['everything', ...keptAtBroker] as const;

export type DataLoss = (typeof losses)[number];

/** The share of data losses among the injected faults. */
export type DataLossPlan = { losses: readonly DataLoss[]; percent: number };

export function streamOf(kept: KeptName, names: BrokerNames): string {
  const streams: Record<KeptName, string> = {
    EVENTS: names.eventStream,
    DEAD_LETTERS: names.deadLetterStream,
    REVOCATIONS: `KV_${names.revocations}`,
    ROUTES: `KV_${names.routes}`,
    LIMITS: `KV_${names.limits}`,
  };
  return streams[kept];
}
