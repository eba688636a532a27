import { ObjectId } from 'mongodb';
import type { LaunchedStack } from '../launched-stack.ts';
import type { Load } from '../load/load.ts';
import type { Order } from '../load/order.ts';
import { cpuBetween, type Pids, readCpu } from '../observing/processes.ts';
import { untilSettled } from '../observing/settled.ts';
import type { References } from '../references/start.ts';
import type { Round, RouteRounds } from '../report/measured.ts';
import type { Fixtures } from './fixtures.ts';
import { type RouteName, routes, type SubjectName } from './names.ts';
import { apiRequests, referenceRequests, roundOf } from './requests.ts';

export type Plan = {
  routes: readonly RouteName[];
  subjects: readonly SubjectName[];
  rounds: number;
  seconds: number;
  /** So many answers come before the rounds that count. */
  warmUp: number;
};

export type Subjects = { stack: LaunchedStack; references: References | undefined; fixtures: Fixtures };

/** Subjects take turns in each round; before that, each warms up. */
export async function measureRoutes(
  plan: Plan,
  { stack, references, fixtures }: Subjects,
  load: Load,
  signal: AbortSignal,
): Promise<RouteRounds[]> {
  const measured = plan.routes.flatMap((route) =>
    plan.subjects.map((subject): RouteRounds => ({ route, subject, rounds: [] })),
  );
  for (let round = 0; round <= plan.rounds; round += 1) {
    for (const { route, subject, rounds } of measured) {
      const name = round === 0 ? 'warm-up' : `round ${round} of ${plan.rounds}`;
      console.error(`${name}: ${routes[route].title}, ${subject} ...`);
      const target = targetOf(route, subject, { stack, references, fixtures });
      const order = roundOf(route, plan.seconds, target);
      if (round === 0 && route !== 'login') order.until = { answers: plan.warmUp };
      const figures = await measureRound(order, target.pids, load, () =>
        untilSettled(stack.database.db, signal),
      );
      if (round > 0) rounds.push(figures);
      if (route === 'post') await removePosted(stack, fixtures);
    }
  }
  return measured;
}

async function measureRound(
  order: Order,
  pids: Pids,
  load: Load,
  settle: () => Promise<void>,
): Promise<Round> {
  const before = readCpu(pids);
  const outcome = await load(order);
  await settle();
  const spent = Object.entries(cpuBetween(before, readCpu(pids)));
  return { ...outcome, cpu: Object.fromEntries(spent.map(([name, ms]) => [name, ms / outcome.requests])) };
}

function targetOf(
  route: RouteName,
  subject: SubjectName,
  { stack, references, fixtures }: Subjects,
): Pick<Order, 'url' | 'plans'> & { pids: Pids } {
  if (subject === 'gateway' || subject === 'service') {
    const url = subject === 'gateway' ? stack.urls.gateway : stack.urls[routes[route].service];
    return { url, pids: stack.pids, plans: apiRequests(route, fixtures) };
  }
  const reference = references?.[subject];
  if (!reference) throw new Error(`${subject} was not started`);
  const { database, broker } = stack.pids;
  const engines = { ...(database ? { database } : {}), ...(broker ? { broker } : {}) };
  const pids = { ...reference.pids, ...engines };
  return { url: reference.url, pids, plans: referenceRequests(route, fixtures) };
}

/** A growing collection would make each write of the next round more expensive. */
async function removePosted({ database: { db } }: LaunchedStack, { poster }: Fixtures): Promise<void> {
  await db.collection('items').deleteMany({ owner_id: new ObjectId(poster.id) });
}
