import type { GatheredReport, GatheredStatus } from '@quartet/common/events/status/status-gatherer.ts';
import type { ReplicaReport, StatusPart } from '@quartet/common/events/status/status-report.ts';
import type { StatusPublic } from './status-schema.ts';

type ReadPart<T> = (parts: ReplicaReport['parts']) => T | undefined;

/** Merges what replicas reported: those of one service read the same database and the same consumer. */
export function toStatus(services: readonly string[], gathered: GatheredStatus): StatusPublic {
  const { at, brokerAnswers, reports, silentServices, silentReplicas } = gathered;
  const of = (name: string) => reports.filter(({ service }) => service === name);
  const eachWith = <T>(read: ReadPart<T>) =>
    services.flatMap((service) => {
      const [first, ...others] = of(service).flatMap(({ parts }) => read(parts) ?? []);
      return first === undefined ? [] : [{ service, first, others }];
    });
  const only = <T>(read: ReadPart<T>): T | null => eachWith(read)[0]?.first ?? null;

  return {
    at: at.toISOString(),
    unanswered: [
      ...(brokerAnswers ? [] : [{ part: 'broker' as const, service: null, replica: null }]),
      ...silentServices.map((service) => ({ part: 'service' as const, service, replica: null })),
      ...silentReplicas
        .filter(({ service }) => !silentServices.includes(service))
        .map(({ service, replica }) => ({ part: 'replica' as const, service, replica })),
      ...services.flatMap((service) =>
        unreadIn(of(service)).map((part) => ({ part, service, replica: null })),
      ),
    ],
    services: services.map((name) => ({
      name,
      replicas: [
        ...of(name).map(({ replica, version, started_at, problems, notes }) => ({
          ...{ id: replica, version, started_at, problems, notes },
          is_ready: problems.length === 0,
        })),
        ...silentReplicas
          .filter(({ service }) => service === name)
          .map(({ replica, version, started_at }) => ({
            ...{ id: replica, version, started_at, problems: [], notes: [] },
            is_ready: null,
          })),
      ].toSorted((one, other) => (one.started_at < other.started_at ? -1 : 1)),
    })),
    outboxes: eachWith(({ outbox }) => outbox).map(({ service, first }) => ({ service, ...first })),
    consumers: eachWith(({ consumer }) => consumer).map(({ service, first, others }) => ({
      ...{ service, ...first },
      // Each replica knows the age of the events that were delivered to it.
      oldest_age_seconds: oldest([first, ...others].map(({ oldest_age_seconds }) => oldest_age_seconds)),
    })),
    emails: only(({ emails }) => emails),
    dead_letters: only(({ dead_letters }) => dead_letters),
    documents: eachWith(({ documents }) => documents).map(({ service, first }) => ({ service, ...first })),
  };
}

/** Lists the parts that some replica could not read, and no other replica did. */
function unreadIn(reports: readonly GatheredReport[]): StatusPart[] {
  const unread = new Set(reports.flatMap((report) => report.unread));
  return [...unread].filter((part) => reports.every(({ parts }) => parts[part] === undefined));
}

const oldest = (ages: readonly (number | null)[]): number | null =>
  ages.reduce((most, age) => (age === null || (most !== null && most >= age) ? most : age), null);
