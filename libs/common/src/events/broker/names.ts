/** Names of streams, buckets and subjects at the broker. */
export type BrokerNames = {
  eventStream: string;
  deadLetterStream: string;
  revocations: string;
  routes: string;
  limits: string;
  /** Subject of an event type. */
  event(type: string): string;
  /** The event type of a subject. */
  typeOf(subject: string): string;
  /** Subject of a dead letter of a consumer. */
  deadLetter(consumer: string): string;
  /** Subject of replayed dead letters of one consumer. */
  replay(consumer: string): string;
  /** Subject of a request that one service answers to another. */
  request(name: string): string;
  /** Prefix of a client's inboxes; no other client has permission to subscribe to them. */
  inbox(client: string): string;
};

/** @param namespace lets several installations share one broker */
export function namesIn(namespace: string | undefined): BrokerNames {
  const upper = namespace === undefined ? '' : `${namespace}_`;
  const dotted = namespace === undefined ? '' : `${namespace}.`;
  return {
    eventStream: `${upper}EVENTS`,
    deadLetterStream: `${upper}DEAD_LETTERS`,
    revocations: `${upper}REVOCATIONS`,
    routes: `${upper}ROUTES`,
    limits: `${upper}LIMITS`,
    event: (type) => `${dotted}${type}`,
    typeOf: (subject) => subject.slice(dotted.length),
    deadLetter: (consumer) => `${dotted}dead-letter.${consumer}`,
    replay: (consumer) => `${dotted}replay.${consumer}`,
    request: (name) => `${dotted}request.${name}`,
    inbox: (client) => `_INBOX_${upper}${client}`,
  };
}
