import * as z from 'zod';

/** @throws {Error} for a status that is not a success */
export type Api = (method: string, path: string, sent?: Sent) => Promise<unknown>;

export type Sent = { token?: string; body?: unknown; form?: Record<string, string> };

const withId = z.object({ id: z.string() });
const withToken = z.object({ access_token: z.string() });

export function createApi(base: string, signal: AbortSignal): Api {
  return async (method, path, { token, body, form } = {}) => {
    const answer = await fetch(base + path, {
      method,
      signal,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  };
}

export type Account = { email: string; password: string };

export type Member = Account & { id: string; token: string };

export async function logIn(api: Api, { email, password }: Account): Promise<string> {
  const form = { username: email, password };
  return withToken.parse(await api('POST', '/login/access-token', { form })).access_token;
}

const withRefreshToken = z.object({ refresh_token: z.string() });

/** Returns the refresh token. */
export async function logInOffline(api: Api, { email, password }: Account): Promise<string> {
  const form = { username: email, password, scope: 'offline_access' };
  return withRefreshToken.parse(await api('POST', '/login/access-token', { form })).refresh_token;
}

export const refresh = (api: Api, refresh_token: string): Promise<unknown> =>
  api('POST', '/login/access-token', { form: { grant_type: 'refresh_token', refresh_token } });

/** Makes a user who gets no e-mail, and logs in. */
export async function newMember(api: Api, name: string): Promise<Member> {
  const account = { email: `${name}@bench.example`, password: 'a password for a benchmark' };
  const body = { ...account, full_name: 'A Member' };
  const { id } = withId.parse(await api('POST', '/private/users/', { body }));
  return { ...account, id, token: await logIn(api, account) };
}

export async function newItem(api: Api, token: string, title: string): Promise<string> {
  const body = { title, description: 'x'.repeat(100) };
  return withId.parse(await api('POST', '/items/', { token, body })).id;
}
