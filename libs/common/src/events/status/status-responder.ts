import { randomBytes } from 'node:crypto';
import packageJson from '../../../package.json' with { type: 'json' };
import { remembered } from '../../concurrency/remembered.ts';
import type { Health, HealthCheck } from '../../process/health.ts';
import type { Log } from '../../process/logging.ts';
import { whileStarting } from '../../process/wait-for.ts';
import type { Broker } from '../broker/broker.ts';
import type { ReplicaReport, StatusMessage, StatusPart, StatusParts } from './status-report.ts';

export type StatusResponder = {
  /** Adds what this service's reports contain; each part is read at most once a second, a slow one every 15 s. */
  add<P extends StatusPart>(part: P, read: () => Promise<StatusParts[P]>): void;
  /** From now on, reports have the health that `check` returns; before, it is `starting`. */
  ready(check: HealthCheck): void;
  /** Reports as an answer to `ask`, within about a second. */
  report(ask: string): Promise<ReplicaReport>;
  /** Answers no more, and tells the gateways that this replica ends. */
  leave(): void;
};

const READ_EVERY_MS = 900;
/** A count that takes long is repeated more seldom. */
const READ_AT_LEAST_EVERY_MS = 15_000;
/** The gateway waits longer than this. */
const READ_WITHIN_MS = 900;
const ASK = /^[0-9a-f]{16}$/;

/** Makes the id of a question or a replica. */
export const newStatusId = (): string => randomBytes(8).toString('hex');

/** Answers `status.ask`, also while the service starts: every replica answers, on the service's own subject. */
export function createStatusResponder(name: string, broker: Broker, log: Log): StatusResponder {
  const replica = newStatusId();
  const { version } = packageJson;
  const started_at = new Date().toISOString();
  const parts = new Map<StatusPart, () => Promise<unknown>>();
  let health: () => Promise<Health> = async () => whileStarting();

  async function report(ask: string): Promise<ReplicaReport> {
    const unread: StatusPart[] = [];
    const [{ problems, notes }, ...values] = await Promise.all([
      inTime(health()).catch(() => ({ problems: ['the health check failed'], notes: [] })),
      ...[...parts].map(async ([part, read]) => {
        try {
          return [part, await inTime(read())] as const;
        } catch (err) {
          log.debug({ err, part }, 'a part of the status could not be read');
          unread.push(part);
          return undefined;
        }
      }),
    ]);
    const read: Partial<StatusParts> = Object.fromEntries(values.filter((value) => value !== undefined));
    return { kind: 'report', ask, replica, version, started_at, problems, notes, parts: read, unread };
  }

  const send = (message: StatusMessage): void => {
    try {
      broker.nc.publish(broker.names.statusAnswer(name), JSON.stringify(message));
    } catch (err) {
      log.debug({ err }, 'a status could not be sent');
    }
  };

  const asked = broker.nc.subscribe(broker.names.statusAsk, {
    callback(err, message) {
      if (err) return log.error({ err }, 'questions about the status cannot be received');
      const ask = message.string();
      if (ASK.test(ask)) void report(ask).then(send);
    },
  });

  return {
    add: (part, read) => void parts.set(part, remembered(read, READ_EVERY_MS, READ_AT_LEAST_EVERY_MS)),
    ready(check) {
      health = check;
    },
    report,
    leave() {
      asked.unsubscribe();
      send({ kind: 'farewell', replica });
    },
  };
}

function inTime<T>(value: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('not in time')), READ_WITHIN_MS);
  return Promise.race([value, promise]).finally(() => clearTimeout(timer));
}
