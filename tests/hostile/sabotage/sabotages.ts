import type { Replacement } from '../../support/replacement.ts';

/** A mend that is taken away. */
export type Sabotage = {
  name: string;
  /** The attack that works without the mend. */
  attack: string;
  replacements: readonly Replacement[];
};

/** What must turn a run red. */
export const sabotages: readonly Sabotage[] = [
  {
    // Text is normalized before anybody has looked how long it is.
    name: 'normalize-all',
    attack: 'expensive-text/address',
    replacements: [
      {
        file: 'libs/common/src/http/email-address.ts',
        find: /return typed\.length > 2 \* EMAIL_MAX_LENGTH \? typed : fold\(typed\);/g,
        replace: 'return fold(typed);',
      },
    ],
  },
  {
    // Writes of one item do not wait for each other, and an outbox grows as it will.
    name: 'no-turns',
    attack: 'one-user',
    replacements: [
      {
        file: 'services/items/src/routes/items.ts',
        find: /createLanes\(MOST_WRITES_OF_ONE\)/g,
        replace: '<T>(_key: string, work: () => Promise<T>): Promise<T> => work()',
      },
      {
        file: 'libs/common/src/events/outbox.ts',
        find: /const MOST_WAITING = 100;/g,
        replace: 'const MOST_WAITING = 1_000_000;',
      },
      {
        file: 'libs/common/src/events/relay.ts',
        find: /\(entry\) => !queued\.has\(entry\.id\) && !cleaner/g,
        replace: '(entry) => !cleaner',
      },
    ],
  },
];

/** Undefined for a name that is none. */
export const sabotageNamed = (name: string): Sabotage | undefined =>
  sabotages.find((one) => one.name === name);
