import type { Collection } from 'mongodb';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startTestbed, type Testbed } from '../../../tests/support/testbed.ts';
import { ensureTopology } from '../src/events/broker/topology.ts';
import type { Outboxed } from '../src/events/outbox/outbox.ts';
import { createRelay, type Relay } from '../src/events/outbox/relay.ts';

export type OutboxBed = {
  bed: Testbed;
  collection: Collection<Outboxed>;
  newRelay(before?: (document: Outboxed) => Promise<void>): Relay<Outboxed>;
  /** Ids of the events that wait in a document; undefined when the document does not exist. */
  outboxOf(document: Outboxed): Promise<string[] | undefined>;
};

/** Makes the bed in hooks of the calling file; its parts exist once a test runs. */
export function useOutboxBed(): () => OutboxBed {
  let bed: Testbed;
  let collection: Collection<Outboxed>;
  let round = 0;
  beforeAll(async () => {
    bed = await startTestbed();
    await ensureTopology(bed.broker, 3600);
  });
  afterAll(() => bed.stop());
  beforeEach(async () => {
    round += 1;
    collection = bed.database.db.collection(`things_${round}`);
    await collection.createIndex({ 'outbox.time': 1 });
    await bed.broker.jsm.streams.purge(bed.broker.names.eventStream);
  });
  return () => ({
    bed,
    collection,
    newRelay: (before) =>
      createRelay<Outboxed>({ collection, broker: bed.broker, log: bed.log, ...(before ? { before } : {}) }),
    outboxOf: async ({ _id }) => (await collection.findOne({ _id }))?.outbox.map(({ id }) => id),
  });
}
