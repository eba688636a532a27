import { ObjectId } from 'mongodb';
import type { Application } from '../applications/application.ts';
import type { LaunchedStack } from '../launched-stack.ts';
import type { Load } from '../load/load.ts';
import type { Order } from '../load/order.ts';
import { cpuBetween, readCpu, type Watched } from '../observing/processes.ts';
import { untilSettled } from '../observing/settled.ts';
import type { References } from '../references/start.ts';
import type { Round, RouteRounds } from '../report/measured.ts';
import type { Fixtures } from './fixtures.ts';
import { type ApplicationName, isApplication, type RouteName, routes, type SubjectName } from './names.ts';
import { apiRequests, referenceRequests, roundOf } from './requests.ts';

export type Plan = {
  routes: readonly RouteName[];
  subjects: readonly SubjectName[];
  rounds: number;
  seconds: number;
  /** So many answers come before the rounds that count. */
  warmUp: number;
};

export type Applications = Partial<Record<ApplicationName, Application>>;

export type Subjects = {
  stack: LaunchedStack;
  references: References | undefined;
  applications: Applications;
  fixtures: Fixtures;
};

/** Only Node compiles what runs often; others answer less in a second. */
const WARM_UP_OF_APPLICATIONS = 0.1;

/** Subjects take turns in each round; before that, each warms up. */
export async function measureRoutes(
  plan: Plan,
  subjects: Subjects,
  load: Load,
  signal: AbortSignal,
): Promise<RouteRounds[]> {
  const { stack, fixtures } = subjects;
  const measured = plan.routes.flatMap((route) =>
    plan.subjects.map((subject): RouteRounds => ({ route, subject, rounds: [] })),
  );
  for (let round = 0; round <= plan.rounds; round += 1) {
    for (const { route, subject, rounds } of measured) {
      const name = round === 0 ? 'warm-up' : `round ${round} of ${plan.rounds}`;
      console.error(`${name}: ${routes[route].title}, ${subject} ...`);
      const target = targetOf(route, subject, subjects);
      const order = roundOf(route, plan.seconds, target);
      const application = applicationOf(subject, subjects);
      if (round === 0 && route !== 'login') {
        order.until = { answers: plan.warmUp * (application ? WARM_UP_OF_APPLICATIONS : 1) };
      }
      const figures = await measureRound(order, target.watched, load, () =>
        untilSettled(stack.database.db, signal),
      );
      if (round > 0) rounds.push(figures);
      if (route === 'post') await (application?.removePosted() ?? removePosted(stack, fixtures));
    }
  }
  return measured;
}

async function measureRound(
  order: Order,
  watched: Watched,
  load: Load,
  settle: () => Promise<void>,
): Promise<Round> {
  const before = readCpu(watched);
  const outcome = await load(order);
  await settle();
  const spent = Object.entries(cpuBetween(before, readCpu(watched)));
  return { ...outcome, cpu: Object.fromEntries(spent.map(([name, ms]) => [name, ms / outcome.requests])) };
}

function targetOf(
  route: RouteName,
  subject: SubjectName,
  subjects: Subjects,
): Pick<Order, 'url' | 'plans'> & { watched: Watched } {
  const { stack, references, fixtures } = subjects;
  if (subject === 'gateway' || subject === 'service') {
    const url = subject === 'gateway' ? stack.urls.gateway : stack.urls[routes[route].service];
    return { url, watched: stack.pids, plans: apiRequests(route, fixtures) };
  }
  const application = applicationOf(subject, subjects);
  if (application) {
    return { url: application.url, watched: application.watched, plans: application.requests(route) };
  }
  const reference = isApplication(subject) ? undefined : references?.[subject];
  if (!reference) throw new Error(`${subject} was not started`);
  const { database, broker } = stack.pids;
  const engines = { ...(database ? { database } : {}), ...(broker ? { broker } : {}) };
  const watched = { ...reference.pids, ...engines };
  return { url: reference.url, watched, plans: referenceRequests(route, fixtures) };
}

const applicationOf = (subject: SubjectName, { applications }: Subjects): Application | undefined =>
  isApplication(subject) ? applications[subject] : undefined;

/** A growing collection would make each write of the next round more expensive. */
async function removePosted({ database: { db } }: LaunchedStack, { poster }: Fixtures): Promise<void> {
  await db.collection('items').deleteMany({ owner_id: new ObjectId(poster.id) });
}
