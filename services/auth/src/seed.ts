import type { Log } from '@quartet/common/process/logging.ts';
import { ownTurn } from './passwords.ts';
import type { Accounts } from './users/accounts.ts';
import { EmailTaken, type UserStore } from './users/user-store.ts';

/**
 * Makes the first superuser when there is no superuser at all. Replicas that start together may all try:
 * the address is unique, so one of them succeeds.
 */
export async function seedFirstSuperuser(
  store: UserStore,
  accounts: Accounts,
  first: { email: string; password: string },
  log: Log,
): Promise<void> {
  if (await store.hasSuperuser()) return;
  const fields = { ...first, full_name: null, is_active: true, is_superuser: true };
  try {
    await accounts.create(fields, 'seed', { now: new Date() }, ownTurn);
    log.info('first superuser made');
  } catch (err) {
    if (!(err instanceof EmailTaken)) throw err;
    log.info('first superuser made by another replica, or its address is taken by a user');
  }
}
