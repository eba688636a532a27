import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import type { UpdateFilter } from 'mongodb';
import type { User } from './user.ts';

/** One write to a user: its next revision. */
export type UserWrite = {
  set: Partial<User>;
  unset: (keyof User)[];
  /** By how much the versions grow. */
  versions: { token_version: 0 | 1; email_version: 0 | 1 };
  events: OutboxEntry[];
};

/** The write as an update that the engine carries out. */
export function toUpdate({ set, unset, versions, events }: UserWrite): UpdateFilter<User> {
  return {
    $set: set,
    ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((name) => [name, ''])) } : {}),
    $inc: { revision: 1, ...versions },
    $push: { outbox: { $each: events } },
  };
}

/** The write carried out here, with the same result. */
export function applyWrite(user: User, { set, unset, versions, events }: UserWrite): User {
  const changed: User = {
    ...user,
    ...set,
    revision: user.revision + 1,
    token_version: user.token_version + versions.token_version,
    email_version: user.email_version + versions.email_version,
    outbox: [...user.outbox, ...events],
  };
  for (const name of unset) Reflect.deleteProperty(changed, name);
  return changed;
}
