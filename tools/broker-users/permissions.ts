import type { BrokerNames } from '@quartet/common/events/broker/names.ts';
import { contracts, eventTypes } from '@quartet/common/events/contracts.ts';
import { LAST_DOCUMENT } from '@quartet/common/events/kv/service-registry.ts';
import { USER_REQUEST_QUEUE, userRequestNames } from '@quartet/common/events/user-request.ts';
import { type ServiceName, serviceNames, services } from '../../services/services.ts';
import { api, bucket } from './jetstream-subjects.ts';

export const brokerUsers = serviceNames;

export type BrokerUser = ServiceName;

export type Permissions = { publish: string[]; subscribe: string[] };

/** Returns what a service may do at the broker; several installations may share a broker, hence `names`. */
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

const inCommon = (user: BrokerUser, names: BrokerNames): Grant => ({
  publish: [
    api.streamInfo(names.eventStream),
    ...bucket.watch(names.revocations),
    // In the name of no other service.
    names.statusAnswer(user),
  ],
  subscribe: [`${names.inbox(user)}.>`, names.statusAsk],
});

const published = (user: BrokerUser, names: BrokerNames): Grant => ({
  publish: eventTypes.filter((type) => contracts[type].producer === user).map(names.event),
});

const registers = (user: BrokerUser, { routes }: BrokerNames): Grant => ({
  publish: [bucket.open(routes), bucket.key(routes, user)],
});

const consumes = (user: BrokerUser, names: BrokerNames): Grant => ({
  publish: [...api.durableConsumer(names.eventStream, user), names.deadLetter(user)],
});

const special: Partial<Record<BrokerUser, (names: BrokerNames) => Grant>> = {
  gateway: ({ routes, tickets, eventStream, statusAsk, statusAnswer }) => ({
    publish: [
      ...[...bucket.watch(routes), bucket.read(routes), bucket.key(routes, LAST_DOCUMENT), statusAsk],
      ...[...api.unnamedConsumer(eventStream), api.messageGet(eventStream)],
      ...[bucket.read(tickets), bucket.key(tickets, '>')],
    ],
    subscribe: [statusAnswer('*')],
  }),
  auth: (names) =>
    together(topology(names), answersUserRequests(names), keeps(names.revocations), keeps(names.limits), {
      publish: [bucket.readDirectly(names.limits)],
    }),
  notifier: (names) =>
    together(administersDeadLetters(names), { publish: userRequestNames.map(names.request) }),
};

const keeps = (name: string): Grant => ({
  publish: [...bucket.watch(name), bucket.read(name), bucket.key(name, '>')],
});

/** auth creates the streams and buckets; it deletes and empties none. */
const topology = (names: BrokerNames): Grant => ({
  publish: [
    ...[names.eventStream, names.deadLetterStream],
    ...[names.routes, names.revocations, names.limits, names.tickets].map(bucket.stream),
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
