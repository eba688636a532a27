/** What is kept at the broker, by name. */
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
  /** Subject on which a consumer, and no other, gets replayed dead letters. */
  replay(consumer: string): string;
  /** Subject of a request that one service answers to another. */
  request(name: string): string;
  /** Prefix of the inboxes that a client of this name gets its replies in; nobody else may listen there. */
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
