import { serviceNames } from '../../services/services.ts';
import { quantile } from '../../tests/support/quantile.ts';
import { type RouteName, routes, type SubjectName } from '../routes/names.ts';
import { median, timesOf } from './costs.ts';
import type { Measured, Memory, MemoryLooks, RouteRounds, Waiting } from './measured.ts';

export type Goal = {
  name: string;
  limit: number;
  value: number;
  unit: 'times' | 'MB' | 'ms';
  isReached: boolean;
};

const MOST_TIMES_PROXY: Partial<Record<RouteName, number>> = {
  ...{ me: 1.3, item: 1.3, 'list-10': 1.4, 'list-100': 1.4, post: 2, put: 2 },
};
const MOST_TIMES_TEMPLATE: Partial<Record<RouteName, number>> = {
  ...{ me: 1 / 5, item: 1 / 8, 'list-10': 1 / 5, 'list-100': 1 / 5, post: 1 / 6, put: 1 / 6 },
};
const MOST_TIMES_HOP = 1.3;

/** Goals without figures are left out. */
export function goalsOf({ routes: rounds, memory, waiting }: Measured): Goal[] {
  return [
    ...(rounds ? routeGoals(rounds) : []),
    ...(memory ? memoryGoals(memory) : []),
    ...(waiting ? waitingGoals(waiting) : []),
  ];
}

function goal(name: string, value: number, limit: number, unit: Goal['unit']): Goal {
  return { name, value, limit, unit, isReached: value <= limit };
}

function routeGoals(rounds: readonly RouteRounds[]): Goal[] {
  const against = (base: SubjectName, title: string, most: Partial<Record<RouteName, number>>) =>
    (Object.entries(most) as [RouteName, number][]).flatMap(([route, limit]) => {
      const times = timesOf(rounds, route, ['gateway', base]);
      const name = `${routes[route].title}: gateway, service and launcher, in multiples of ${title}`;
      return times === undefined ? [] : [goal(name, times, limit, 'times')];
    });
  const hop = timesOf(rounds, 'item', ['gateway', 'proxy'], 'hop');
  const name = 'GET item: the gateway, in multiples of the bare proxy';
  return [
    ...against('proxy', '(c)', MOST_TIMES_PROXY),
    ...(hop === undefined ? [] : [goal(name, hop, MOST_TIMES_HOP, 'times')]),
    ...against('template', 'the template', MOST_TIMES_TEMPLATE),
  ];
}

export const servicesTotal = (memory: Memory): number =>
  serviceNames.reduce((sum, name) => sum + (memory[name] ?? 0), 0);

function memoryGoals({ atRest, afterLoad, later, laterSeconds }: MemoryLooks): Goal[] {
  const rest = servicesTotal(atRest);
  const name = `memory of the four services ${laterSeconds} s after the load, in multiples of that at rest`;
  return [
    goal('memory of the four services at rest', rest, 280, 'MB'),
    goal('memory of the four services after the load', servicesTotal(afterLoad), 350, 'MB'),
    goal(name, servicesTotal(later) / rest, 1.2, 'times'),
  ];
}

function waitingGoals(waiting: Waiting): Goal[] {
  const { answerToEvent, answerToEmail, eventToEmail, logins, hashes, readiness, healthChecks } = waiting;
  const ratios = logins.map((ms, n) => ms / (hashes[n] ?? Number.NaN));
  return [
    goal("p50 from a write's answer to its event in the stream", median(answerToEvent), 3, 'ms'),
    goal("p50 from a sign-up's answer to its e-mail at the SMTP server", median(answerToEmail), 50, 'ms'),
    goal("p50 from a recovery's event to its e-mail at the SMTP server", median(eventToEmail), 50, 'ms'),
    goal("a login, in multiples of bcrypt's own time", median(ratios), 1.1, 'times'),
    goal('p95 of the readiness of auth during 16 logins', quantile(readiness, 0.95), 50, 'ms'),
    goal('p95 of the public health check during 16 logins', quantile(healthChecks, 0.95), 50, 'ms'),
  ];
}
