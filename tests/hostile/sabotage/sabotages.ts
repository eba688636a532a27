import type { Replacement } from '../../support/replacement.ts';

export type Sabotage = {
  name: string;
  /** The attack succeeds without the removed protection. */
  attack: string;
  replacements: readonly Replacement[];
};

export const sabotages: readonly Sabotage[] = [
  {
    // All requests of a connection run at once, and their answers wait in memory.
    name: 'all-at-once',
    attack: 'answers-nobody-reads/2',
    replacements: [
      {
        file: 'libs/common/src/http/server/connection.ts',
        find: /if \(!current && waiting\.length === 0\) \{/g,
        replace: 'if (waiting.length === 0) {',
      },
    ],
  },
  {
    // A connection to auth opens before a body is complete, and then waits for slow ones.
    name: 'bodies-as-they-come',
    attack: 'slow-bodies',
    replacements: [
      {
        file: 'services/gateway/src/proxy/bodies.ts',
        find: /await use\(await readBody\(req, grow\)\);/g,
        replace: 'await use(req);',
      },
      {
        file: 'libs/common/src/http/server/minimum-rate.ts',
        find: /const LEAST_BYTES_PER_SECOND = 50;/g,
        replace: 'const LEAST_BYTES_PER_SECOND = 0;',
      },
    ],
  },
  {
    // Text is normalized before its length is checked.
    name: 'normalize-all',
    attack: 'expensive-text/address',
    replacements: [
      {
        file: 'libs/common/src/http/input/email-address.ts',
        find: /return typed\.length > 2 \* EMAIL_MAX_LENGTH \? typed : fold\(typed\);/g,
        replace: 'return fold(typed);',
      },
    ],
  },
  {
    // The hashes of all callers wait in one queue.
    name: 'one-line',
    attack: 'hashes/60',
    replacements: [
      {
        file: 'services/auth/src/passwords.ts',
        find: /group: network, member: account/g,
        replace: "group: '', member: ''",
      },
    ],
  },
  {
    // Writes of one item do not wait for each other, and an outbox grows without limit.
    name: 'no-turns',
    attack: 'one-user',
    replacements: [
      {
        file: 'services/items/src/routes/items.ts',
        find: /createKeyedQueue\(MOST_WRITES_OF_ONE\)/g,
        replace: '<T>(_key: string, work: () => Promise<T>): Promise<T> => work()',
      },
      {
        file: 'libs/common/src/events/outbox/outbox.ts',
        find: /const MOST_WAITING = 100;/g,
        replace: 'const MOST_WAITING = 1_000_000;',
      },
      {
        file: 'libs/common/src/events/outbox/relay.ts',
        find: /\(entry\) => !queued\.has\(entry\.id\) && !cleaner/g,
        replace: '(entry) => !cleaner',
      },
    ],
  },
];

export const sabotageNamed = (name: string): Sabotage | undefined =>
  sabotages.find((one) => one.name === name);
