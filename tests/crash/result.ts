import type { LostWithBroker } from './checks/check.ts';
import type { Doubled } from './checks/check-emails.ts';
import type { Fault } from './checks/faults.ts';
import { createModel, type Model } from './checks/model.ts';
import type { InjectionRecord } from './faults/fault-injector.ts';

export type Result = {
  model: Model;
  injected: InjectionRecord[];
  /** Milliseconds are from the last fault of a round until no work is left. */
  quietAfterMs: number[];
  faults: Fault[];
  excused: Doubled[];
  lostWithBroker: LostWithBroker;
  copies: number;
  emails: number;
  live: [received: number, resets: number];
  dataDir: string;
};

export const createResult = (dataDir: string): Result => ({
  model: createModel(),
  ...{ injected: [], quietAfterMs: [], faults: [], excused: [], copies: 0, emails: 0, live: [0, 0] },
  lostWithBroker: { emails: 0, items: 0 },
  dataDir,
});

export const injectionsOf = ({ injected }: Result, wanted: InjectionRecord['kind']): InjectionRecord[] =>
  injected.filter(({ kind }) => kind === wanted);

export function progressOf(result: Result, wanted: number): string {
  const { model, quietAfterMs, faults } = result;
  const quietSeconds = ((quietAfterMs.at(-1) ?? 0) / 1_000).toFixed(1);
  const { answered, lost } = model.counts;
  const writes = `${answered} writes answered, ${lost} without an answer`;
  const done = `${injectionsOf(result, 'kill').length} of ${wanted} kills, ${injectionsOf(result, 'erase').length} losses`;
  return `${done}; ${writes}; quiet after ${quietSeconds} s; ${faults.length} faults`;
}
