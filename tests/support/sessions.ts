import { expect } from 'vitest';
import { PASSWORD } from './accounts.ts';
import type { Answer, Call, Client } from './client.ts';

export type Tokens = { access_token: string; token_type: string; expires_in: number; refresh_token: string };

export const claimsOf = (
  token: string,
): { sid: string; sub: string; ver: number; iat: number; exp: number } =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** Logs in as a client that keeps a refresh token. */
export async function logInOffline(
  client: Client,
  username: string,
  password = PASSWORD,
  headers: Record<string, string> = {},
): Promise<Tokens> {
  const form = { username, password, scope: 'offline_access' };
  const { status, body, text } = await client('POST', '/login/access-token', { form, headers });
  if (status !== 200) throw new Error(`login answered ${status}: ${text}`);
  return body as Tokens;
}

export const refresh = (client: Client, refresh_token: string, headers = {}): Promise<Answer> =>
  client('POST', '/login/access-token', { form: { grant_type: 'refresh_token', refresh_token }, headers });

export async function refreshed(client: Client, refresh_token: string): Promise<Tokens> {
  const { status, body, text } = await refresh(client, refresh_token);
  expect([status, text]).toEqual([200, text]);
  return body as Tokens;
}

export const invalidRefreshToken = { status: 400, body: { detail: 'Invalid refresh token' } };

/** What a browser does with the refresh token's cookie. */
export const setCookie = ({ headers }: Answer): string => headers.getSetCookie().join('\n');
export const cookieOf = (answer: Answer): string => setCookie(answer).split(';')[0] ?? '';

export async function logInBrowser(
  client: Client,
  username: string,
  headers: Record<string, string> = {},
): Promise<{ answer: Answer; cookie: string; token: string }> {
  const answer = await client('POST', '/sessions/', { body: { username, password: PASSWORD }, headers });
  expect(answer.status).toBe(200);
  const { access_token: token } = answer.body as Tokens;
  return { answer, cookie: cookieOf(answer), token };
}

export const refreshByCookie = (client: Client, cookie: string, headers: Call['headers'] = {}) =>
  client('POST', '/sessions/refresh', { headers: { cookie, ...headers } });

export type Listed = {
  id: string;
  is_current: boolean;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  user_agent: string | null;
  ip_address: string;
};

export async function listSessions(client: Client, token: string, path = '/sessions/'): Promise<Listed[]> {
  const { status, body } = await client('GET', path, { token });
  expect(status).toBe(200);
  const { data, count } = body as { data: Listed[]; count: number };
  expect(count).toBe(data.length);
  return data;
}
