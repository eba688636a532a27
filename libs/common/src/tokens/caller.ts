/** Who may call a route. */
export type Access = 'anyone' | 'user' | 'superuser';

/** Who a request comes from, as its token and the revocations say. */
export type Caller = {
  userId: string;
  sessionId: string;
  isSuperuser: boolean;
  /** The version of its user's tokens that the token is of: a greater one has ended it. */
  tokenVersion: number;
  /** When the token expires, in seconds since the epoch. */
  expiresAt: number;
};
