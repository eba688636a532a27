export type Access = 'anyone' | 'user' | 'superuser';

export type Caller = {
  userId: string;
  sessionId: string;
  isSuperuser: boolean;
  /** It is the version of the user's tokens that this token has. */
  tokenVersion: number;
  /** Times are in seconds since the epoch. */
  issuedAt: number;
  expiresAt: number;
};
