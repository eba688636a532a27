import { createCaller } from '../attacker/caller.ts';
import { forever } from '../attacker/forever.ts';
import type { Attack } from './attack.ts';

const AT_ONCE = 40;

export const oneUser: readonly Attack[] = [
  {
    name: 'one-user',
    what: `one user's PATCHes of one item, ${AT_ONCE} at once, each followed by the next`,
    ...{ items: 1, accounts: 0, isShort: true },
    async run(arms, told) {
      const call = createCaller(arms, AT_ONCE);
      let written = 0;
      const write = async (): Promise<void> => {
        written += 1;
        told.sent(1);
        const body = JSON.stringify({ title: `written ${written} times`, description: 'x'.repeat(255) });
        told.heard(await call('PATCH', `/items/${arms.itemId}`, body));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, () => forever(write)));
    },
  },
];
