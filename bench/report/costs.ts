import { quantile } from '../../tests/support/quantile.ts';
import { type RouteName, routes, type SubjectName } from '../routes/names.ts';
import type { Round, RouteRounds } from './measured.ts';

/** CPU time of a round, in milliseconds a request. */
export type Costs = {
  /** Of the gateway, or of the bare proxy. */
  hop: number;
  /** Of the service that the route is of, or of the reference. */
  server: number;
  launcher: number;
  database: number;
  broker: number;
  /** The first three. */
  application: number;
};

/** The names of the reference processes that answer for themselves. */
const SERVERS = ['constant', 'driver', 'express'];

export function costsOf(route: RouteName, { cpu }: Round): Costs {
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (cpu[name] ?? 0), 0);
  const hop = of('gateway', 'proxy');
  const server = of(routes[route].service, ...SERVERS);
  const launcher = of('launcher');
  const application = hop + server + launcher;
  return { hop, server, launcher, application, database: of('database'), broker: of('broker') };
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The median of each figure over all rounds. */
export function mediansOf({ route, rounds }: RouteRounds): Costs & Omit<Round, 'cpu'> {
  const costs = rounds.map((round) => costsOf(route, round));
  const of = (read: (costs: Costs) => number) => median(costs.map(read));
  return {
    requests: median(rounds.map(({ requests }) => requests)),
    rate: median(rounds.map(({ rate }) => rate)),
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
    hop: of(({ hop }) => hop),
    server: of(({ server }) => server),
    launcher: of(({ launcher }) => launcher),
    database: of(({ database }) => database),
    broker: of(({ broker }) => broker),
    application: of(({ application }) => application),
  };
}

/**
 * How many times as much one subject costs as another on a route: the median over rounds, each compared with its neighbour.
 * @returns undefined when one of them was not measured
 */
export function timesOf(
  measured: readonly RouteRounds[],
  route: RouteName,
  [subject, base]: [SubjectName, SubjectName],
  cost: 'application' | 'hop' = 'application',
): number | undefined {
  const roundsOf = (name: SubjectName) =>
    measured.find((one) => one.route === route && one.subject === name)?.rounds;
  const [rounds, baseRounds] = [roundsOf(subject), roundsOf(base)];
  if (!rounds || !baseRounds) return undefined;
  const costs = (of: Round[]) => of.map((round) => costsOf(route, round)[cost]);
  const bases = costs(baseRounds);
  return median(costs(rounds).map((ms, n) => ms / (bases[n] ?? Number.NaN)));
}
