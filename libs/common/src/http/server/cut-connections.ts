import type { Log } from '../../process/logging.ts';
import type { Metrics } from '../../process/metrics.ts';
import type { Hindrance } from './minimum-rate.ts';

/** Why a connection ends before its caller wanted it to. */
export type CutReason = Hindrance | 'too_many' | 'too_many_waiting';

const SAID_EVERY_MS = 60_000;

/** Counts connections that are cut, and says so in the log, of each reason once a minute. */
export function createConnectionCutter({
  log,
  metrics,
}: {
  log?: Log | undefined;
  metrics?: Metrics | undefined;
}): (reason: CutReason, peer: string | undefined) => void {
  const count = metrics?.count(
    'connections_cut_total',
    'Connections that ended for how their callers used them',
    'reason',
  );
  const unsaid = new Map<CutReason, { since: number; number: number }>();
  return (reason, peer) => {
    count?.(reason);
    const now = Date.now();
    const last = unsaid.get(reason);
    if (last && now - last.since < SAID_EVERY_MS) {
      last.number += 1;
      return;
    }
    log?.warn({ reason, peer, unsaid: last?.number ?? 0 }, 'connection cut');
    unsaid.set(reason, { since: now, number: 0 });
  };
}
