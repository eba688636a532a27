import type { Observed } from '../observing/observed.ts';
import { type Blow, checkEmails, type Doubled } from './check-emails.ts';
import { checkSessions } from './check-sessions.ts';
import { checkUnexplained } from './check-unexplained.ts';
import { checkWrites } from './check-writes.ts';
import type { Fault } from './faults.ts';
import type { Model } from './model.ts';

/** The losses of the broker excuse these. */
export type LostWithBroker = { emails: number; items: number };

/** `seeded` is the address of the first superuser, whom no client created. */
export function check(
  model: Model,
  observed: Observed,
  blows: readonly Blow[],
  seeded: string,
): { faults: Fault[]; excused: Doubled[]; lostWithBroker: LostWithBroker } {
  const emails = checkEmails(observed, blows);
  const writes = checkWrites(model.tracked, observed);
  const faults = [
    ...writes.faults,
    ...checkUnexplained(model.tracked, observed, seeded),
    ...emails.faults,
    ...observed.deadLetters.map((detail): Fault => ({ kind: 'dead-letter', about: 'dead letter', detail })),
    ...checkSessions(model, observed.memories),
    ...model.wrongAnswers.map((detail): Fault => ({ kind: 'answer', about: 'answer', detail })),
  ];
  const lostWithBroker = { emails: emails.lost.length, items: writes.left.length };
  return { faults, excused: emails.excused, lostWithBroker };
}
