import type { Outcome } from '../load/order.ts';
import type { CpuMs } from '../observing/processes.ts';
import type { RouteName, SubjectName } from '../routes/names.ts';

/** A round: what was answered, and the CPU time that it took, in milliseconds a request by process. */
export type Round = Outcome & { cpu: CpuMs };

/** All rounds of one subject on one route; the nth of two subjects were one after the other. */
export type RouteRounds = { route: RouteName; subject: SubjectName; rounds: Round[] };

/** Megabytes by process (PSS). */
export type Memory = Record<string, number>;

export type MemoryLooks = { atRest: Memory; afterLoad: Memory; later: Memory; laterSeconds: number };

/** Milliseconds. */
export type Waiting = {
  /** From a write's answer to its event in the stream. */
  answerToEvent: number[];
  /** From a sign-up's answer to its e-mail at the SMTP server. */
  answerToEmail: number[];
  /** From the event of a password recovery in the stream to its e-mail at the SMTP server. */
  eventToEmail: number[];
  /** One login after the other, and a comparison of bcrypt's own after each. */
  logins: number[];
  hashes: number[];
  /** Health checks while 16 callers log in: readiness of auth, and the public one. */
  readiness: number[];
  healthChecks: number[];
};

/** Where and when. */
export type Conditions = {
  commit: string;
  date: string;
  machine: string;
  node: string;
  isQuick: boolean;
  seconds: number;
};

/** All that a run has measured; a part that was not asked for is not there. */
export type Measured = {
  conditions: Conditions;
  routes?: RouteRounds[];
  memory?: MemoryLooks;
  waiting?: Waiting;
};
