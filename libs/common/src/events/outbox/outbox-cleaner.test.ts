import { type CommandStartedEvent, MongoClient } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { documentWith, itemEvent } from '../../../test/event-kit.ts';
import { useOutboxBed } from '../../../test/outbox-bed.ts';
import type { Outboxed } from './outbox.ts';
import { createOutboxCleaner } from './outbox-cleaner.ts';

const outboxBed = useOutboxBed();

test('given many documents with many events, when they are published, then each document is written once', async () => {
  const { bed, collection, outboxOf } = outboxBed();
  const client = await new MongoClient(bed.env.MONGODB_URL ?? '', { monitorCommands: true }).connect();
  onTestFinished(() => client.close());
  const writes: [command: string, statements: number][] = [];
  client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
    const statements: unknown = command[`${commandName}s`];
    if (Array.isArray(statements)) writes.push([commandName, statements.length]);
  });
  const documents = Array.from({ length: 5 }, (_, n) => documentWith(itemEvent(n), itemEvent(n + 10)));
  const tombstones = Array.from({ length: 5 }, (_, n) => ({
    ...documentWith(itemEvent(n)),
    deleted_at: new Date(0),
  }));
  const late = itemEvent(99);
  await collection.insertMany([...documents, ...tombstones]);
  await collection.updateOne({ 'outbox.id': documents[0]?.outbox[0]?.id ?? '' }, { $push: { outbox: late } });

  const seen = client.db(collection.dbName).collection<Outboxed>(collection.collectionName);
  const cleaner = createOutboxCleaner(seen, bed.log);
  for (const document of documents) {
    for (const event of document.outbox) cleaner.published({ ...document, outbox: [event] });
  }
  for (const tombstone of tombstones) cleaner.published(tombstone);
  await cleaner.flush();

  expect(writes).toEqual([
    ['update', documents.length],
    ['delete', tombstones.length],
  ]);
  expect(await Promise.all(documents.map(outboxOf))).toEqual([[late.id], [], [], [], []]);
  expect(await Promise.all(tombstones.map(outboxOf))).toEqual(Array(5).fill(undefined));
  expect(documents.flatMap(({ outbox }) => outbox).some(({ id }) => cleaner.isPublished(id))).toBe(false);
});
