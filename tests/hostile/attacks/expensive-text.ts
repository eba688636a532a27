import { setTimeout as delay } from 'node:timers/promises';
import { createCaller } from '../attacker/caller.ts';
import { type Field, fieldsOf, requestWith } from '../attacker/fields.ts';
import { forever } from '../attacker/forever.ts';
import type { Arms, Attack, Told } from './attack.ts';

const SPARE = 32;

/** These texts cost much for their length; `n` makes each address unique. */
const texts: readonly ((bytes: number, n: number) => string)[] = [
  // Normalisation sorts marks by class: twice as many cost four times as much.
  (bytes, n) => `a${n}${marks(bytes)}@example.com`,
  (bytes, n) => `a${n}@a${marks(bytes)}.com`,
  // This is for regular expressions that try again at every position.
  (bytes, n) => `a${n}@${'a.'.repeat((bytes - SPARE) / 2)}@`,
  (bytes, n) => `${n}${' '.repeat(bytes - SPARE)}`,
];

function marks(bytes: number): string {
  const each = (bytes - SPARE) / 4;
  return '\u0301'.repeat(each) + '\u0316'.repeat(each);
}

/** Some requests wait for a hash; the others continue. */
const AT_ONCE = 8;
const PAUSE_MS = 100;

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
  // Every field gets the first text before any gets the second.
  const all = kinds.flatMap((text) => fields.map((field) => ({ field, text })));
  let turn = 0;
  const send = async (): Promise<void> => {
    const next = all[turn % all.length];
    if (!next) throw new Error('the document has no such fields');
    turn += 1;
    const n = turn;
    told.sent(1);
    told.heard(await call(...requestWith(next.field, (bytes) => next.text(bytes, n), arms)));
    await delay(PAUSE_MS);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => forever(send)));
}
