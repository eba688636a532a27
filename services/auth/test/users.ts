import type { OutboxEntry } from '@quartet/common/events/outbox/outbox.ts';
import { type Collection, ObjectId } from 'mongodb';
import type { User } from '../src/users/user.ts';
import { createUser } from '../src/users/users.ts';

export const NOW = new Date('2026-11-26T12:00:00.000Z');
export const later = (ms: number): Date => new Date(NOW.getTime() + ms);

const FIELDS = {
  email: 'ada@example.com',
  full_name: 'Ada',
  hashed_password: 'hash of the first password',
  is_active: true,
  is_superuser: false,
};

export const newUser = (different: Partial<User> = {}): User => ({
  ...createUser(new ObjectId(), FIELDS, 'signup', { now: NOW }),
  outbox: [],
  ...different,
});

export const isLetInByRelease01 = (
  user: Pick<User, 'token_version' | 'spared_session'>,
  session: { sessionId: string; tokenVersion: number },
): boolean => !(session.tokenVersion < user.token_version && session.sessionId !== user.spared_session);

export const endSessionsAsRelease01 = (
  spare: string | null,
  hashed_password: string,
  event: OutboxEntry,
) => ({
  $set: { hashed_password, spared_session: spare, updated_at: new Date() },
  $inc: { revision: 1, token_version: 1, email_version: 0 },
  $push: { outbox: event },
});

export const withoutSessionsAsRelease01 = (user: User, spare: string | null): User => ({
  ...user,
  spared_session: spare,
  token_version: user.token_version + 1,
  revision: user.revision + 1,
});

export async function storeAsRelease01(users: Collection<User>, _id: ObjectId): Promise<void> {
  await users.updateOne({ _id }, { $unset: { except_session: '' } });
}
