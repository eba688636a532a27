import type { Client } from '../src/client/index.ts';
import { LoginService, SessionsService, type SessionToken, type Token } from '../src/index.ts';
import { toQuartetError } from './quartet-error.ts';

export type Grant = { accessToken: string; expiresInSeconds: number };

/** How a session begins and goes on; who implements it keeps the refresh token. */
export type Endpoints = {
  logIn(username: string, password: string, signal: AbortSignal | undefined): Promise<Grant>;
  /** Returns undefined when there is no refresh token. */
  refresh(signal: AbortSignal): Promise<Grant | undefined>;
  /** The session is over. */
  forget(): Promise<void>;
};

type Result<T> = { data?: T; error?: unknown; response?: Response };

function dataOf<T>({ data, error, response }: Result<T>): T {
  if (data === undefined) throw toQuartetError(error, response);
  return data;
}

const toGrant = ({ access_token, expires_in }: SessionToken | Token): Grant => ({
  accessToken: access_token,
  expiresInSeconds: expires_in,
});

/** The browser keeps the refresh token, in a cookie that no script can read. */
export function cookieEndpoints(client: Client): Endpoints {
  const common = { client, credentials: 'include' } as const;
  return {
    async logIn(username, password, signal) {
      const body = { username, password };
      return toGrant(
        dataOf(await SessionsService.createSession({ ...common, body, signal: signal ?? null })),
      );
    },
    async refresh(signal) {
      const result = await SessionsService.refreshSession({ ...common, signal });
      return result.response?.status === 401 ? undefined : toGrant(dataOf(result));
    },
    forget: async () => undefined,
  };
}

/** `onRefreshToken` may store each refresh token before the one before it ends. */
export function tokenEndpoints(
  client: Client,
  refreshToken: string | undefined,
  onRefreshToken: (refreshToken: string | undefined) => void | Promise<void>,
): Endpoints {
  let current = refreshToken;
  async function keep(next: string | undefined): Promise<void> {
    if (next === current) return;
    current = next;
    await onRefreshToken(next);
  }
  async function ask(
    form: { username: string; password: string; scope?: string; grant_type?: string; refresh_token?: string },
    signal: AbortSignal | undefined,
  ): Promise<Grant> {
    const token = dataOf(await LoginService.loginAccessToken({ client, body: form, signal: signal ?? null }));
    await keep(token.refresh_token);
    return toGrant(token);
  }
  return {
    logIn: (username, password, signal) => ask({ username, password, scope: 'offline_access' }, signal),
    async refresh(signal) {
      if (current === undefined) return undefined;
      // The form's schema has them; a refresh does not read them.
      const unused = { username: '', password: '' };
      return ask({ ...unused, grant_type: 'refresh_token', refresh_token: current }, signal);
    },
    forget: () => keep(undefined),
  };
}
