import { foldedWords } from '@quartet/common/lists/folded-words.ts';
import { keptVersions, writeTime } from '@quartet/common/lists/versions.ts';
import type { Document, Filter } from 'mongodb';
import type { User } from './user.ts';
import type { UserWrite } from './user-write.ts';

export const SORTED_BY = ['created_at', 'updated_at', 'email'];

/** What `q` is looked for in. */
export const wordsOf = ({ email, full_name }: Pick<User, 'email' | 'full_name'>): string[] =>
  foldedWords(email, full_name);

/** Completes a write with what lists need: every write of a user goes through this. */
export function keepListed(read: User, write: UserWrite): UserWrite {
  const { set } = write;
  // Nothing changes that a list shows, or the user is deleted.
  if (set.updated_at === undefined) return write;
  const updated_at = writeTime(read, set.updated_at);
  const earlier = keptVersions(read, { email: read.email, updated_at: read.updated_at }, updated_at);
  return { ...write, set: { ...set, updated_at, earlier, words: wordsOf({ ...read, ...set }) } };
}

export type UserFilters = { [K in 'is_active' | 'is_superuser' | 'is_verified']?: boolean | undefined };

/** What `isVerified` finds true. */
const VERIFIED = [
  { is_verified: true, $expr: { $eq: ['$verified_version', '$email_version'] } },
  { is_verified: { $exists: false }, is_superuser: true },
];

export const conditionsOf = ({
  is_active,
  is_superuser,
  is_verified,
}: UserFilters): Filter<User> & Document => ({
  ...(is_active === undefined ? {} : { is_active }),
  ...(is_superuser === undefined ? {} : { is_superuser }),
  ...(is_verified === undefined ? {} : { [is_verified ? '$or' : '$nor']: VERIFIED }),
});
