import type { Observed } from '../observing/observed.ts';
import { type Blow, checkEmails, type Doubled } from './check-emails.ts';
import { checkUnexplained } from './check-unexplained.ts';
import { checkWrites } from './check-writes.ts';
import type { Fault } from './faults.ts';
import type { Model } from './model.ts';

/**
 * Compares everything that clients were told with everything there is.
 * @param seeded address of the first superuser, whom no client made
 */
export function check(
  model: Model,
  observed: Observed,
  blows: readonly Blow[],
  seeded: string,
): { faults: Fault[]; excused: Doubled[] } {
  const emails = checkEmails(observed, blows);
  const faults = [
    ...checkWrites(model.tracked, observed),
    ...checkUnexplained(model.tracked, observed, seeded),
    ...emails.faults,
    ...observed.deadLetters.map((detail): Fault => ({ kind: 'dead-letter', about: 'dead letter', detail })),
    ...model.wrongAnswers.map((detail): Fault => ({ kind: 'answer', about: 'answer', detail })),
  ];
  return { faults, excused: emails.excused };
}
