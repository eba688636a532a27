export type Access = 'anyone' | 'user' | 'superuser';

export type Caller = {
  userId: string;
  sessionId: string;
  isSuperuser: boolean;
  /** It is the version of the user's tokens that this token has. */
  tokenVersion: number;
  /** The time is in seconds since the epoch. */
  expiresAt: number;
};
