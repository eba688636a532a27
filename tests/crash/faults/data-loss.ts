import type { BrokerNames } from '@quartet/common/events/broker/names.ts';

/** auth creates these, and an administrator may delete each; a bucket is a stream too. */
export const keptAtBroker = ['EVENTS', 'DEAD_LETTERS', 'REVOCATIONS', 'ROUTES', 'LIMITS'] as const;

export type KeptName = (typeof keptAtBroker)[number];

export const losses = ['everything', ...keptAtBroker] as const;

export type DataLoss = (typeof losses)[number];

/** `percent` is the share of data losses among the faults. */
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
