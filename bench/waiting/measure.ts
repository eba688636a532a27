import * as z from 'zod';
import { logIn, newItem, newMember } from '../api.ts';
import { startChild } from '../child.ts';
import type { LaunchedStack } from '../launched-stack.ts';
import type { Load } from '../load/load.ts';
import type { Order } from '../load/order.ts';
import type { Waiting } from '../report/measured.ts';
import type { Arrivals } from './arrivals.ts';

const signedUp = z.object({ id: z.string() });
const hashed = z.object({ ms: z.number() });
/** This is the default of the services for bcrypt. */
export const HASH_ROUNDS = 12;

export type Samples = { events: number; emails: number; logins: number };

type Surroundings = {
  stack: LaunchedStack;
  events: Arrivals;
  emails: Arrivals;
  load: Load;
  logins: Order;
  signal: AbortSignal;
};

/** Measures one write after the other until its effects, and logins. */
export async function measureWaiting(
  samples: Samples,
  { stack, events, emails, load, logins, signal }: Surroundings,
): Promise<Waiting> {
  const { api, health, urls } = stack;
  const member = await newMember(api, 'waiting');
  const repeat = async <T>(what: string, times: number, once: (n: number) => Promise<T>): Promise<T[]> => {
    console.error(`${times} ${what} ...`);
    const all: T[] = [];
    for (let n = 0; n < times; n += 1) all.push(await once(n));
    return all;
  };
  const since = async (answeredAt: number, arrival: Promise<number>) =>
    // What arrived before the answer caused no wait.
    Math.max(0, (await arrival) - answeredAt);

  const answerToEvent = await repeat('events of items', samples.events, async (n) => {
    const id = await newItem(api, member.token, `item ${n}`);
    return since(performance.now(), events.timeOf(`item.created ${id}`));
  });
  const ids: string[] = [];
  const address = (n: number) => `new-${n}@bench.example`;
  const answerToEmail = await repeat('e-mails after sign-ups', samples.emails, async (n) => {
    const body = { email: address(n), password: member.password };
    const { id } = signedUp.parse(await api('POST', '/users/signup', { body }));
    ids.push(id);
    return since(performance.now(), emails.timeOf(`${address(n)} 1`));
  });
  const eventToEmail = await repeat('e-mails after password recoveries', samples.emails, async (n) => {
    await api('POST', `/password-recovery/${address(n)}`);
    const publishedAt = await events.timeOf(`password.reset-requested ${ids[n]}`);
    return since(publishedAt, emails.timeOf(`${address(n)} 2`));
  });

  const hashing = startChild('waiting/hash-process.ts', [String(HASH_ROUNDS)], signal);
  const pairs = await repeat('logins', samples.logins, async () => {
    const login = await timeOf(() => logIn(api, member));
    hashing.send('hash');
    const { ms: hash } = await hashing.hear(hashed);
    return { login, hash };
  }).finally(hashing.end);

  console.error('health checks while 16 log in ...');
  const loading = new AbortController();
  const [readiness, healthChecks] = await Promise.all([
    watch(health.auth, loading.signal, signal),
    watch(`${urls.gateway}/utils/health-check/`, loading.signal, signal),
    load(logins).finally(() => loading.abort()),
  ]);
  return {
    ...{ answerToEvent, answerToEmail, eventToEmail, readiness, healthChecks },
    logins: pairs.map(({ login }) => login),
    hashes: pairs.map(({ hash }) => hash),
  };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const ASK_EVERY_MS = 20;

async function watch(url: string, over: AbortSignal, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  while (!over.aborted) {
    times.push(
      await timeOf(async () => {
        const answer = await fetch(url, { signal });
        if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
        await answer.arrayBuffer();
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  return times;
}
