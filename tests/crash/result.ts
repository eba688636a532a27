import type { LostWithBroker } from './checks/check.ts';
import type { Doubled } from './checks/check-emails.ts';
import type { Fault } from './checks/faults.ts';
import { createModel, type Model } from './checks/model.ts';
import type { InjectionRecord } from './faults/fault-injector.ts';

/** What a run has seen so far. */
export type Result = {
  model: Model;
  injected: InjectionRecord[];
  /** From the last fault of each round until all was quiet, in milliseconds. */
  quietAfterMs: number[];
  faults: Fault[];
  /** E-mails received more than once because of a kill. */
  excused: Doubled[];
  lostWithBroker: LostWithBroker;
  /** Events that stand in the stream more than once. */
  copies: number;
  emails: number;
  /** Where data and logs are. */
  dataDir: string;
};

export const createResult = (dataDir: string): Result => ({
  model: createModel(),
  ...{ injected: [], quietAfterMs: [], faults: [], excused: [], copies: 0, emails: 0 },
  lostWithBroker: { emails: 0, items: 0 },
  dataDir,
});

export const injectionsOf = ({ injected }: Result, wanted: InjectionRecord['kind']): InjectionRecord[] =>
  injected.filter(({ kind }) => kind === wanted);

/** One line about how far a run is. */
export function progressOf(result: Result, wanted: number): string {
  const { model, quietAfterMs, faults } = result;
  const quietSeconds = ((quietAfterMs.at(-1) ?? 0) / 1_000).toFixed(1);
  const { answered, lost } = model.counts;
  const writes = `${answered} writes answered, ${lost} without an answer`;
  const done = `${injectionsOf(result, 'kill').length} of ${wanted} kills, ${injectionsOf(result, 'erase').length} losses`;
  return `${done}; ${writes}; quiet after ${quietSeconds} s; ${faults.length} faults`;
}
