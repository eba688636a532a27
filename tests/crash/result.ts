import type { Doubled } from './checks/check-emails.ts';
import type { Fault } from './checks/faults.ts';
import { createModel, type Model } from './checks/model.ts';
import type { Struck } from './strikes/striker.ts';

/** What a run has seen so far. */
export type Result = {
  model: Model;
  struck: Struck[];
  /** From the last strike of each round until all was quiet, in milliseconds. */
  quietAfterMs: number[];
  faults: Fault[];
  /** E-mails received more than once because of a kill. */
  excused: Doubled[];
  /** Events that stand in the stream more than once. */
  copies: number;
  emails: number;
  /** Where data and logs are. */
  dataDir: string;
};

export const createResult = (dataDir: string): Result => ({
  model: createModel(),
  ...{ struck: [], quietAfterMs: [], faults: [], excused: [], copies: 0, emails: 0 },
  dataDir,
});

/** The kills among the strikes. */
export const killsOf = ({ struck }: Result): Struck[] => struck.filter(({ kind }) => kind === 'kill');

/** One line about how far a run is. */
export function progressOf(result: Result, wanted: number): string {
  const { model, quietAfterMs, faults } = result;
  const quietSeconds = ((quietAfterMs.at(-1) ?? 0) / 1_000).toFixed(1);
  const { answered, lost } = model.counts;
  const writes = `${answered} writes answered, ${lost} without an answer`;
  return `${killsOf(result).length} of ${wanted} kills; ${writes}; quiet after ${quietSeconds} s; ${faults.length} faults`;
}
