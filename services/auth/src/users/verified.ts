import type { User } from './user.ts';

type Verified = Pick<User, 'is_verified' | 'verified_version' | 'email_version' | 'is_superuser'>;

/**
 * Release 0.1 stores neither field: its superusers count as verified, so that nobody is locked out for good.
 * It may change the address of a user who has both, so the version says which address was verified.
 */
export const isVerified = (user: Verified): boolean =>
  user.is_verified === undefined
    ? user.is_superuser
    : user.is_verified && user.verified_version === user.email_version;

export const verified = (
  email_version: number,
): Required<Pick<User, 'is_verified' | 'verified_version'>> => ({
  is_verified: true,
  verified_version: email_version,
});
