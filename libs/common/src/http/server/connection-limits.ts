import type { Socket } from 'node:net';
import type { Log } from '../../process/logging.ts';
import type { Metrics } from '../../process/metrics.ts';
import { networkOf, plainAddress, type TrustsProxy } from '../caller-address.ts';
import type { Hindrance } from './minimum-rate.ts';

export type CallerCap = {
  most: number;
  /** Connections of trusted proxies are not counted: they carry many callers. */
  trusts: TrustsProxy;
};

/** Counts the connections of each {@link networkOf}; the result tells whether one more is allowed. */
export function createCallerCount(cap: CallerCap | undefined): (socket: Socket) => boolean {
  const counts = new Map<string, number>();
  return (socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    if (!cap || address === undefined || cap.trusts(address, 0)) return true;
    const network = networkOf(address);
    const count = counts.get(network) ?? 0;
    if (count >= cap.most) return false;
    counts.set(network, count + 1);
    socket.once('close', () => {
      const left = (counts.get(network) ?? 0) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
    });
    return true;
  };
}

/** One waiting request takes about 1.5 kB. */
const MOST_WAITING = 10_000;

type Waiting = { waiting(): number };

/** It counts the waiting requests of all connections. */
export type ConnectionCount = {
  joined(): void;
  left(number: number): void;
};

/** Counts waiting requests; when there are too many, `cut` gets the connection that has most of them. */
export function createConnectionCount<C extends Waiting>(options: {
  connections: () => Iterable<C>;
  cut: (greediest: C) => void;
}): ConnectionCount {
  let all = 0;
  return {
    joined() {
      all += 1;
      if (all <= MOST_WAITING) return;
      let greediest: C | undefined;
      for (const one of options.connections()) {
        if (!greediest || one.waiting() > greediest.waiting()) greediest = one;
      }
      if (greediest) options.cut(greediest);
    },
    left(number) {
      all -= number;
    },
  };
}

export type CutReason = Hindrance | 'too_many' | 'too_many_waiting';

const LOG_EVERY_MS = 60_000;

/** Counts cut connections, and logs them once a minute for each reason. */
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
  const logged = new Map<CutReason, { since: number; number: number }>();
  return (reason, peer) => {
    count?.(reason);
    const now = Date.now();
    const last = logged.get(reason);
    if (last && now - last.since < LOG_EVERY_MS) {
      last.number += 1;
      return;
    }
    log?.warn({ reason, peer, unsaid: last?.number ?? 0 }, 'connection cut');
    logged.set(reason, { since: now, number: 0 });
  };
}
