import { checkAnswer } from './contract.ts';

export type Answer = { status: number; headers: Headers; body: unknown; text: string };

export type Call = {
  token?: string | undefined;
  body?: unknown;
  form?: Record<string, string>;
  raw?: string | Uint8Array;
  headers?: Record<string, string>;
};

export type Client = (method: string, path: string, call?: Call) => Promise<Answer>;

/** Compares every answer with the API's document, except below the paths of `strangers`. */
export function createClient(base: string, strangers: readonly string[] = []): Client {
  const { pathname } = new URL(base);
  return async (method, path, { token, body, form, raw, headers = {} } = {}) => {
    const sent = new Headers(headers);
    if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
    if (body !== undefined && !sent.has('content-type')) sent.set('content-type', 'application/json');
    const content = form
      ? new URLSearchParams(form)
      : (raw ?? (body === undefined ? null : JSON.stringify(body)));
    const response = await fetch(base + path, { method, headers: sent, body: content });
    const text = await response.text();
    if (!strangers.some((stranger) => path.startsWith(stranger))) {
      checkAnswer(method, pathname + path, { status: response.status, headers: response.headers, text });
    }
    const isJson = response.headers.get('content-type')?.includes('application/json') ?? false;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? (JSON.parse(text) as unknown) : undefined,
      text,
    };
  };
}

export async function logIn(client: Client, username: string, password: string): Promise<string> {
  const { status, body, text } = await client('POST', '/login/access-token', {
    form: { username, password },
  });
  if (status !== 200) throw new Error(`login answered ${status}: ${text}`);
  return (body as { access_token: string }).access_token;
}

export const ADMIN = { email: 'admin@example.com', password: 'changethis' };
