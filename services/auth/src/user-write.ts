import type { OutboxEntry } from '@quartet/common/events/outbox.ts';
import type { UpdateFilter } from 'mongodb';
import type { User } from './user-store.ts';

/** One write to a user: its next revision. */
export type UserWrite = {
  set: Partial<User>;
  unset: (keyof User)[];
  /** By how much the token version grows. */
  versions: 0 | 1;
  events: OutboxEntry[];
};

/** The write as an update that the engine carries out. */
export function toUpdate({ set, unset, versions, events }: UserWrite): UpdateFilter<User> {
  return {
    $set: set,
    ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((name) => [name, ''])) } : {}),
    $inc: { revision: 1, token_version: versions },
    $push: { outbox: { $each: events } },
  };
}

/** The write carried out here, with the same result. */
export function applyWrite(user: User, { set, unset, versions, events }: UserWrite): User {
  const changed: User = {
    ...user,
    ...set,
    revision: user.revision + 1,
    token_version: user.token_version + versions,
    outbox: [...user.outbox, ...events],
  };
  for (const name of unset) Reflect.deleteProperty(changed, name);
  return changed;
}
