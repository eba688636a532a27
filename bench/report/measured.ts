import type { Outcome } from '../load/order.ts';
import type { CpuMs } from '../observing/processes.ts';
import type { RouteName, SubjectName } from '../routes/names.ts';

/** CPU time is in milliseconds per request, by process. */
export type Round = Outcome & { cpu: CpuMs };

/** The nth rounds of two subjects were measured one after the other. */
export type RouteRounds = { route: RouteName; subject: SubjectName; rounds: Round[] };

/** Values are megabytes (PSS) by process. */
export type Memory = Record<string, number>;

export type MemoryLooks = { atRest: Memory; afterLoad: Memory; later: Memory; laterSeconds: number };

/** All values are milliseconds. */
export type Waiting = {
  answerToEvent: number[];
  answerToEmail: number[];
  /** The time starts with the event of a password recovery in the stream. */
  eventToEmail: number[];
  /** The logins are sequential, with a bcrypt comparison after each. */
  logins: number[];
  hashes: number[];
  /** The health checks of auth and of the gateway run while 16 callers log in. */
  readiness: number[];
  healthChecks: number[];
};

export type Conditions = {
  commit: string;
  date: string;
  machine: string;
  node: string;
  isQuick: boolean;
  seconds: number;
  /** These are versions of the applications of others. */
  beside: string[];
};

export type Measured = {
  conditions: Conditions;
  routes?: RouteRounds[];
  memory?: MemoryLooks;
  waiting?: Waiting;
};
