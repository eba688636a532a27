import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { abortedBy } from './aborted-by.ts';

export const operations = ['me', 'item', 'login', 'post'] as const;
export type Operation = (typeof operations)[number];

/** `failed` lists missing and wrong answers. */
export type Seen = Record<Operation, { tookMs: number[]; failed: string[] }>;

export type Victim = {
  api: string;
  from: string;
  email: string;
  password: string;
  token: string;
  itemId: string;
};

type Asked = { method: string; path: string; content?: string; type?: string };

type Pace = { everyMs: number; mostInFlight: number; catchesUp: boolean };

/** Late requests count from their due time, except logins, whose hashes would be a load of their own. */
const PACE: Record<Operation, Pace> = {
  me: { everyMs: 50, mostInFlight: 8, catchesUp: true },
  item: { everyMs: 50, mostInFlight: 8, catchesUp: true },
  login: { everyMs: 700, mostInFlight: 1, catchesUp: false },
  post: { everyMs: 200, mostInFlight: 8, catchesUp: true },
};
const ANSWER_WITHIN_MS = 60_000;

/** Sends at a steady rate, so that a slow answer delays no later request. */
export async function watchVictim(victim: Victim, signal: AbortSignal): Promise<Seen> {
  const agent = new Agent({ keepAlive: true });
  const seen: Seen = {
    me: { tookMs: [], failed: [] },
    item: { tookMs: [], failed: [] },
    login: { tookMs: [], failed: [] },
    post: { tookMs: [], failed: [] },
  };
  const asked = operationsOf(victim);
  const keepAsking = async (operation: Operation): Promise<void> => {
    const { everyMs, mostInFlight, catchesUp } = PACE[operation];
    const inFlight = new Set<Promise<void>>();
    for (let dueAt = performance.now(); ; dueAt += everyMs) {
      await abortedBy(signal, delay(Math.max(0, dueAt - performance.now()), undefined, { signal }));
      while (inFlight.size >= mostInFlight && !signal.aborted) {
        await abortedBy(signal, Promise.race(inFlight));
      }
      if (signal.aborted) break;
      if (!catchesUp) dueAt = Math.max(dueAt, performance.now());
      const sentAt = dueAt;
      const one = statusOf(agent, victim, asked[operation]).then((status) => {
        inFlight.delete(one);
        seen[operation].tookMs.push(performance.now() - sentAt);
        if (status !== '200') seen[operation].failed.push(status);
      });
      inFlight.add(one);
    }
    await Promise.all(inFlight);
  };
  await Promise.all(operations.map(keepAsking));
  agent.destroy();
  return seen;
}

function operationsOf({ email, password, itemId }: Victim): Record<Operation, Asked> {
  const form = String(new URLSearchParams({ username: email, password }));
  return {
    me: { method: 'GET', path: '/users/me' },
    item: { method: 'GET', path: `/items/${itemId}` },
    login: {
      ...{ method: 'POST', path: '/login/access-token' },
      ...{ content: form, type: 'application/x-www-form-urlencoded' },
    },
    post: { method: 'POST', path: '/items/', content: '{"title":"mine"}', type: 'application/json' },
  };
}

function statusOf(agent: Agent, { api, from, token }: Victim, asked: Asked): Promise<string> {
  const { method, path, content, type } = asked;
  const { hostname, port, pathname } = new URL(api);
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  return new Promise((resolve) => {
    const fail = (err: NodeJS.ErrnoException) =>
      resolve(signal.aborted ? 'no answer' : (err.code ?? err.message));
    const headers = {
      authorization: `Bearer ${token}`,
      ...(content === undefined ? {} : { 'content-type': type, 'content-length': content.length }),
    };
    const sent = request({
      ...{ host: hostname, port, localAddress: from, agent, method, headers, signal },
      path: pathname + path,
    });
    sent.once('error', fail);
    sent.once('response', (response) => {
      response.resume();
      response.once('error', fail);
      response.once('end', () => resolve(String(response.statusCode)));
    });
    sent.end(content);
  });
}
