import { quantile } from '../../tests/support/quantile.ts';
import { applicationNames, type RouteName, routes, type SubjectName } from '../routes/names.ts';
import type { Round, RouteRounds } from './measured.ts';

/** CPU times are in milliseconds per request. */
export type Costs = {
  /** This is the gateway, or the minimal proxy. */
  hop: number;
  /** This is the service of the route, the reference, or an application of others with all its processes. */
  server: number;
  launcher: number;
  database: number;
  broker: number;
  application: number;
};

/** These are servers themselves, without a proxy. */
const SERVERS = ['constant', 'driver', 'express', ...applicationNames];

export function costsOf(route: RouteName, { cpu }: Round): Costs {
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (cpu[name] ?? 0), 0);
  const hop = of('gateway', 'proxy');
  const server = of(routes[route].service, ...SERVERS);
  const launcher = of('launcher');
  const application = hop + server + launcher;
  return { hop, server, launcher, application, database: of('database'), broker: of('broker') };
}

/** Nearest rank would be the better one of two rounds. */
export function median(values: readonly number[]): number {
  const negated = values.map((value) => -value);
  return (quantile(values, 0.5) - quantile(negated, 0.5)) / 2;
}

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

/** Returns the median ratio of two subjects over rounds, or undefined when one was not measured. */
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
