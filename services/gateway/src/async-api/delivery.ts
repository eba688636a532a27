export const deliveryNotes = [
  'Every message is a CloudEvents 1.0 event in structured JSON at NATS JetStream. Its subject there is the event’s ' +
    'type; an installation that shares its broker puts its namespace and a dot before it.',
  'Delivery is at least once. An event is stored in the same write as the change it tells of and published until the ' +
    'broker has acknowledged it; each consuming service gets it until its work is done, or keeps it as a dead letter. ' +
    'The header Nats-Msg-Id is the event’s id: by it the broker drops a copy it has seen lately, and a consumer can ' +
    'tell what it has done already.',
  'Events about one document, the user or item that `subject` names, are published in the order of its changes. ' +
    'Deliveries may overtake one another, as one that failed is tried again later; between documents there is no order.',
  'Events carry facts, never secrets: no password, no hash and no token is in any of them.',
  'Ignore fields that you do not know. A change that a consumer of the old shape could not read raises the version at ' +
    'the end of `dataschema`.',
  'A send operation is the producing service’s, a receive operation a consuming service’s: its tag says whose. Which ' +
    'services consume is what they have said at their start.',
].join('\n\n');
