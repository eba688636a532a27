import { type Fault, type FaultKind, faultKinds } from '../crash/checks/faults.ts';
import { createModel, type Model } from '../crash/checks/model.ts';
import type { Restart } from './replica.ts';
import { createTally, sentOf, type Tally } from './tally.ts';

export type Result = {
  tally: Tally;
  model: Model;
  restarts: Restart[];
  faults: Fault[];
  loadedMs: number;
  emails: number;
  live: [received: number, resets: number];
  dataDir: string;
};

export const createResult = (dataDir: string): Result => ({
  ...{ tally: createTally(), model: createModel(), dataDir },
  ...{ restarts: [], faults: [], loadedMs: 0, emails: 0, live: [0, 0] },
});

export const REQUESTS_FAILED = 'requests failed';
const ENDS_WITHIN_MS = 10_000;
/** Below this share of the wanted rate, a run proves nothing. */
const LEAST_SHARE = 0.9;

export const rateOf = ({ tally, loadedMs }: Result): number => sentOf(tally) / (loadedMs / 1_000);

/** Every count must be zero. */
export function checksOf(result: Result, wantedRate: number): [name: string, count: number][] {
  const badEnds = result.restarts.filter(({ ending }) => !endedWell(ending));
  const kinds = Object.keys(faultKinds).filter((kind): kind is FaultKind => kind in faultKinds);
  return [
    [REQUESTS_FAILED, result.tally.failures.length],
    ...kinds.map((kind): [string, number] => [
      faultKinds[kind],
      result.faults.filter((fault) => fault.kind === kind).length,
    ]),
    ['processes that did not end well within 10 s', badEnds.length],
    ['requests/s too few', Math.max(0, Math.ceil(wantedRate * LEAST_SHARE - rateOf(result)))],
  ];
}

const endedWell = ({ how, tookMs }: Restart['ending']): boolean =>
  how === 'exit code 0' && tookMs <= ENDS_WITHIN_MS;
