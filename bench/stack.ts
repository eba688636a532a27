import * as z from 'zod';
import { firstSuperuser as login, startEngines } from './engines.ts';
import { type BenchService, startService } from './service-process.ts';

export type Stack = {
  databaseUrl: string;
  brokerUrl: string;
  authUrl: string;
  items: BenchService[];
  logIn(): Promise<string>;
  logOut(token: string): Promise<void>;
};

const answered = z.object({ access_token: z.string() });

/** `resources` ends what was started, also when a start fails. */
export async function startStack(
  replicas: number,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Stack> {
  const { databaseUrl, brokerUrl, env } = await startEngines(resources, signal);
  const auth = await startService('auth', env, signal);
  resources.defer(() => auth.stop());
  // After a failed start, the other starts end.
  const over = new AbortController();
  resources.defer(() => over.abort());
  const unlessOver = AbortSignal.any([signal, over.signal]);
  const startReplica = () => startService('items', { ...env, AUTH_URL: auth.url }, unlessOver);
  const items = await Promise.all(Array.from({ length: replicas }, startReplica));
  resources.defer(async () => void (await Promise.all(items.map((replica) => replica.stop()))));

  const post = async (path: string, init: RequestInit): Promise<unknown> => {
    const answer = await fetch(`${auth.url}/api/v1${path}`, { method: 'POST', signal, ...init });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  };
  const form = { username: login.FIRST_SUPERUSER, password: login.FIRST_SUPERUSER_PASSWORD };
  return {
    databaseUrl,
    brokerUrl,
    authUrl: auth.url,
    items,
    logIn: async () =>
      answered.parse(await post('/login/access-token', { body: new URLSearchParams(form) })).access_token,
    logOut: async (token) => void (await post('/logout', { headers: { authorization: `Bearer ${token}` } })),
  };
}
