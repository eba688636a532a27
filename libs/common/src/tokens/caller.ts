/** Who may call a route. */
export type Access = 'anyone' | 'user' | 'superuser';

/** The caller of a request, by token and revocations. */
export type Caller = {
  userId: string;
  sessionId: string;
  isSuperuser: boolean;
  /** The version of the user’s tokens that this token has. */
  tokenVersion: number;
  /** When the token expires, in seconds since the epoch. */
  expiresAt: number;
};
