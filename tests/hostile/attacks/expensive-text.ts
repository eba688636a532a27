import { setTimeout as delay } from 'node:timers/promises';
import { createCaller } from '../attacker/caller.ts';
import { type Field, fieldsOf, requestWith } from '../attacker/fields.ts';
import { forever } from '../attacker/forever.ts';
import type { Arms, Attack, Told } from './attack.ts';

/** Texts that cost much for their length, cut to what there is room for. */
const texts: readonly ((bytes: number) => string)[] = [
  // Normalisation puts marks in the order of their classes, one by one: twice as many cost four times as much.
  (bytes) => `a${'\u0301'.repeat(bytes / 4)}${'\u0316'.repeat(bytes / 4 - 1)}@example.com`.slice(0, bytes),
  // The same in the domain of an address.
  (bytes) => `a@${'\u0301'.repeat(bytes / 4)}${'\u0316'.repeat(bytes / 4 - 8)}.com`,
  // For expressions that try again from every place.
  (bytes) => `a@${'a.'.repeat(bytes / 2 - 8)}@`,
  (bytes) => ' '.repeat(bytes - 8),
];
const PAUSE_MS = 50;
const AT_ONCE = 2;

/** The costliest text in every text field of every operation, as long as the body, the path or the query may be. */
export const expensiveText: readonly Attack[] = [
  {
    name: 'expensive-text/address',
    what: 'logins and sign-ups with an address of `a` and 25,000 of each of two combining marks',
    ...{ items: 0, accounts: 0, isShort: true },
    run: (arms, told) => sendTexts(arms, told, fieldsOf().filter(isAddressOfAnybody), texts.slice(0, 1)),
  },
  {
    name: 'expensive-text/fields',
    what: 'every text field of every operation, filled to the limit with what is costly to read',
    ...{ items: 1, accounts: 0, isShort: false },
    run: (arms, told) => sendTexts(arms, told, fieldsOf(), texts),
  },
];

const isAddressOfAnybody = ({ path, field }: Field): boolean =>
  (path === '/login/access-token' && field === 'username') || (path === '/users/signup' && field === 'email');

async function sendTexts(
  arms: Arms,
  told: Told,
  fields: readonly Field[],
  kinds: typeof texts,
): Promise<void> {
  const call = createCaller(arms, AT_ONCE);
  const all = fields.flatMap((field) => kinds.map((text) => requestWith(field, text, arms)));
  let turn = 0;
  const send = async (): Promise<void> => {
    const request = all[turn % all.length];
    turn += 1;
    if (!request) throw new Error('the document has no text fields');
    told.sent(1);
    told.heard(await call(...request));
    await delay(PAUSE_MS);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => forever(send)));
}
