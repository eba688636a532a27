import type { BrokerNames } from '@quartet/common/events/broker/names.ts';
import { contracts, eventTypes } from '@quartet/common/events/contracts.ts';
import { LAST_DOCUMENT } from '@quartet/common/events/kv/service-registry.ts';
import { USER_REQUEST_QUEUE, userRequestNames } from '@quartet/common/events/user-request.ts';
import { type ServiceName, serviceNames, services } from '../../services/services.ts';
import { api, bucket } from './jetstream-subjects.ts';

/** Each service has a user of its own at the broker, by its name. */
export const brokerUsers = serviceNames;

/** A value of {@link brokerUsers}. */
export type BrokerUser = ServiceName;

/** Subjects that a user may publish and subscribe to, as NATS words them: all others are refused. */
export type Permissions = { publish: string[]; subscribe: string[] };

/**
 * What each service may do at the broker, and nothing that it does not do. Which events it may publish stands in their
 * contracts, whether it consumes any in the table of services.
 * @param names of the installation, since several may share a broker
 */
export function permissionsOf(user: BrokerUser, names: BrokerNames): Permissions {
  return together(
    inCommon(user, names),
    published(user, names),
    user === 'gateway' ? {} : registers(user, names),
    services[user].consumes.length > 0 ? consumes(user, names) : {},
    special[user]?.(names) ?? {},
  );
}

type Grant = Partial<Permissions>;

/** All get replies, wait for the topology and keep a copy of the revocations. */
const inCommon = (user: BrokerUser, names: BrokerNames): Grant => ({
  publish: [api.streamInfo(names.eventStream), ...bucket.watch(names.revocations)],
  subscribe: [`${names.inbox(user)}.>`],
});

/** The events that the contracts name a service as producer of. */
const published = (user: BrokerUser, names: BrokerNames): Grant => ({
  publish: eventTypes.filter((type) => contracts[type].producer === user).map(names.event),
});

/** A service registers its routes under its own name. */
const registers = (user: BrokerUser, { routes }: BrokerNames): Grant => ({
  publish: [bucket.open(routes), bucket.key(routes, user)],
});

/** A durable consumer of the service's own name, and its dead letters. */
const consumes = (user: BrokerUser, names: BrokerNames): Grant => ({
  publish: [...api.durableConsumer(names.eventStream, user), names.deadLetter(user)],
});

/** What one service alone does. */
const special: Partial<Record<BrokerUser, (names: BrokerNames) => Grant>> = {
  gateway: ({ routes }) => ({
    publish: [...bucket.watch(routes), bucket.read(routes), bucket.key(routes, LAST_DOCUMENT)],
  }),
  auth: (names) =>
    together(topology(names), answersUserRequests(names), keeps(names.revocations), keeps(names.limits), {
      publish: [bucket.readDirectly(names.limits)],
    }),
  notifier: (names) =>
    together(administersDeadLetters(names), { publish: userRequestNames.map(names.request) }),
};

/** Reads, writes and watches all keys of a bucket. */
const keeps = (name: string): Grant => ({
  publish: [...bucket.watch(name), bucket.read(name), bucket.key(name, '>')],
});

/** auth makes the streams and buckets; it deletes and empties none. */
const topology = (names: BrokerNames): Grant => ({
  publish: [
    ...[names.eventStream, names.deadLetterStream],
    ...[names.routes, names.revocations, names.limits].map(bucket.stream),
  ].flatMap(api.streamChange),
});

/** Only the notifier asks about users, so only its inbox is answered. */
const answersUserRequests = (names: BrokerNames): Grant => ({
  publish: [`${names.inbox('notifier')}.>`],
  subscribe: userRequestNames.map((name) => `${names.request(name)} ${USER_REQUEST_QUEUE}`),
});

const administersDeadLetters = (names: BrokerNames): Grant => ({
  publish: [
    api.streamInfo(names.deadLetterStream),
    api.messageGet(names.deadLetterStream),
    api.messageDelete(names.deadLetterStream),
    ...api.drawnConsumer(names.deadLetterStream, names.deadLetter('>')),
    names.replay('*'),
  ],
});

function together(...grants: Grant[]): Permissions {
  const all = (kind: keyof Permissions) => [...new Set(grants.flatMap((grant) => grant[kind] ?? []))];
  return { publish: all('publish').toSorted(), subscribe: all('subscribe').toSorted() };
}
