import { remembered } from '../../concurrency/remembered.ts';
import type { Log } from '../../process/logging.ts';
import type { Broker } from '../broker/broker.ts';
import { type ReplicaReport, statusMessage } from './status-report.ts';
import { newStatusId, type StatusResponder } from './status-responder.ts';

export type KnownReplica = { service: string; replica: string; version: string; started_at: string };

export type GatheredReport = ReplicaReport & { service: string };

export type GatheredStatus = {
  at: Date;
  /** Whether the broker brought this process its own answer. */
  brokerAnswers: boolean;
  reports: GatheredReport[];
  /** Services of which no replica answered. */
  silentServices: string[];
  /** Replicas that answered in the last minutes and have neither answered now nor said that they end. */
  silentReplicas: KnownReplica[];
};

export type StatusGatherer = { gather(): Promise<GatheredStatus> };

/** One question a second at most, however many callers there are. */
const ASK_EVERY_MS = 1_000;
const ANSWERS_WITHIN_MS = 1_400;
/** Replicas that are not known yet answer within this time after the last known one, or are in the next answer. */
const STRAGGLERS_MS = 60;
const FORGET_AFTER_MS = 300_000;
const MOST_REPLICAS = 100;

type Known = KnownReplica & { answeredAt: number; isSilent: boolean };

/** Asks every replica of `services` for its report, and waits for those that answered the last question. */
export function createStatusGatherer(options: {
  broker: Broker;
  services: readonly string[];
  /** This process's own, which also answers through the broker. */
  own: StatusResponder;
  self: string;
  log: Log;
}): StatusGatherer {
  const { broker, services, own, self, log } = options;
  const { nc, names } = broker;
  const known = new Map<string, Known>();
  const silentServices = new Set<string>();
  let gathering: { ask: string; take(report: GatheredReport): void } | undefined;

  const receive = (service: string, text: string): void => {
    if (!services.includes(service)) return;
    const message = statusMessage.parse(JSON.parse(text));
    if (message.kind === 'farewell') {
      if (known.get(message.replica)?.service === service) known.delete(message.replica);
      return;
    }
    const { replica, version, started_at } = message;
    const earlier = known.get(replica);
    if (earlier ? earlier.service !== service : known.size >= MOST_REPLICAS * services.length) return;
    const answeredAt = performance.now();
    known.set(replica, { service, replica, version, started_at, answeredAt, isSilent: false });
    silentServices.delete(service);
    if (gathering?.ask === message.ask) gathering.take({ ...message, service });
  };

  nc.subscribe(names.statusAnswer('*'), {
    callback(err, message) {
      const service = message.subject?.split('.').at(-1) ?? '';
      try {
        if (err) throw err;
        receive(service, message.string());
      } catch (cause) {
        log.warn({ err: cause, service }, 'a status cannot be read');
      }
    },
  });

  async function answersTo(ask: string): Promise<Map<string, GatheredReport>> {
    const reports = new Map<string, GatheredReport>();
    if (!broker.isConnected()) return reports;
    const { promise: done, resolve: end } = Promise.withResolvers<void>();
    let quiet: NodeJS.Timeout | undefined;
    const isComplete = () => {
      const heard = new Set([...reports.values()].map(({ service }) => service));
      const awaited = [...known.values()].filter(({ isSilent }) => !isSilent);
      return (
        services.every((service) => heard.has(service) || silentServices.has(service)) &&
        awaited.every(({ replica }) => reports.has(replica))
      );
    };
    gathering = {
      ask,
      take(report) {
        reports.set(report.replica, report);
        clearTimeout(quiet);
        if (isComplete()) quiet = setTimeout(end, STRAGGLERS_MS);
      },
    };
    const deadline = setTimeout(end, ANSWERS_WITHIN_MS);
    try {
      nc.publish(names.statusAsk, ask);
      await done;
    } catch (err) {
      log.warn({ err }, 'nobody could be asked for a status');
    } finally {
      gathering = undefined;
      clearTimeout(quiet);
      clearTimeout(deadline);
    }
    return reports;
  }

  const gather = async (): Promise<GatheredStatus> => {
    const at = new Date();
    const ask = newStatusId();
    const [mine, reports] = await Promise.all([own.report(ask), answersTo(ask)]);
    const brokerAnswers = reports.has(mine.replica);
    reports.set(mine.replica, { ...mine, service: self });
    const heard = new Set([...reports.values()].map(({ service }) => service));
    const now = performance.now();
    for (const [replica, it] of known) {
      it.isSilent = !reports.has(replica);
      if (now - it.answeredAt > FORGET_AFTER_MS) known.delete(replica);
    }
    const silent = services.filter((service) => !heard.has(service));
    for (const service of silent) silentServices.add(service);
    return {
      at,
      brokerAnswers,
      reports: [...reports.values()],
      silentServices: silent,
      silentReplicas: [...known.values()]
        .filter(({ isSilent }) => isSilent)
        .map(({ service, replica, version, started_at }) => ({ service, replica, version, started_at })),
    };
  };

  return { gather: remembered(gather, ASK_EVERY_MS) };
}
