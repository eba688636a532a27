export type BrokerNames = {
  eventStream: string;
  deadLetterStream: string;
  revocations: string;
  routes: string;
  limits: string;
  tickets: string;
  event(type: string): string;
  typeOf(subject: string): string;
  deadLetter(consumer: string): string;
  replay(consumer: string): string;
  request(name: string): string;
  /** The gateway asks here, and every replica of every service answers. */
  statusAsk: string;
  /** Only the service itself may publish on its subject; `*` is all services. */
  statusAnswer(service: string): string;
  /** No other client has permission to subscribe to these inboxes. */
  inbox(client: string): string;
};

/** Names everything at the broker; a namespace lets several installations share one broker. */
export function namesIn(namespace: string | undefined): BrokerNames {
  const upper = namespace === undefined ? '' : `${namespace}_`;
  const dotted = namespace === undefined ? '' : `${namespace}.`;
  return {
    eventStream: `${upper}EVENTS`,
    deadLetterStream: `${upper}DEAD_LETTERS`,
    revocations: `${upper}REVOCATIONS`,
    routes: `${upper}ROUTES`,
    limits: `${upper}LIMITS`,
    tickets: `${upper}TICKETS`,
    event: (type) => `${dotted}${type}`,
    typeOf: (subject) => subject.slice(dotted.length),
    deadLetter: (consumer) => `${dotted}dead-letter.${consumer}`,
    replay: (consumer) => `${dotted}replay.${consumer}`,
    request: (name) => `${dotted}request.${name}`,
    statusAsk: `${dotted}status.ask`,
    statusAnswer: (service) => `${dotted}status.answer.${service}`,
    inbox: (client) => `_INBOX_${upper}${client}`,
  };
}
