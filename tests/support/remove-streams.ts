import type { Broker } from '@quartet/common/events/broker/broker.ts';

export async function removeStreams({ jsm, names }: Broker): Promise<void> {
  const { eventStream, deadLetterStream, revocations, routes, limits } = names;
  const buckets = [revocations, routes, limits].map((name) => `KV_${name}`);
  for (const name of [eventStream, deadLetterStream, ...buckets]) {
    await jsm.streams.delete(name).catch(() => false);
  }
}
