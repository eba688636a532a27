import { setTimeout as delay } from 'node:timers/promises';
import { unhandled } from '../../support/events.ts';
import type { Probes } from '../faults/probes.ts';
import type { Inspection } from './inspection.ts';
import { allKept } from './kept.ts';

const POLL_MS = 200;
const SAY_EVERY_MS = 10_000;

/** Two looks without a new event must find all work done; returns what is still pending after the timeout. */
export async function untilQuiet(options: {
  inspection: Inspection;
  probes: Probes;
  withinMs: number;
  say: (line: string) => void;
  signal: AbortSignal;
}): Promise<string[]> {
  const { inspection, probes, withinMs, say, signal } = options;
  const deadline = performance.now() + withinMs;
  let sayAt = performance.now() + SAY_EVERY_MS;
  let quietAt: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const { moving, lastEvent } = await look(inspection, probes).catch((err: unknown) => ({
      moving: [`cannot be seen: ${reasonOf(err)}`],
      lastEvent: undefined,
    }));
    if (moving.length === 0 && quietAt === lastEvent) return [];
    quietAt = moving.length === 0 ? lastEvent : undefined;
    if (performance.now() > deadline) return moving;
    if (moving.length > 0 && performance.now() > sayAt) {
      say(`  waiting: ${moving.join(', ')}`);
      sayAt += SAY_EVERY_MS;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

const reasonOf = (err: unknown): string => (err instanceof Error ? err.message : String(err));

/** The order is that of an event's path, so that no event is missed. */
async function look(
  { database, broker }: Inspection,
  probes: Probes,
): Promise<{ moving: string[]; lastEvent: number }> {
  const moving: string[] = [];
  for (const [name, probe] of probes) {
    await probe().catch((err: unknown) => moving.push(`${name} does not work yet (${reasonOf(err)})`));
  }
  await allKept(broker);
  for (const name of ['recovery_requests', 'verification_requests']) {
    const requests = await database.db.collection(name).countDocuments();
    if (requests > 0) moving.push(`${requests} ${name}`);
  }
  for (const name of ['users', 'items', 'sessions']) {
    const filter = { $or: [{ 'outbox.0': { $exists: true } }, { deleted_at: { $exists: true } }] };
    const count = await database.db.collection(name).countDocuments(filter);
    if (count > 0) moving.push(`${count} ${name} with an outbox`);
  }
  for (const name of ['items', 'notifier']) {
    const count = await unhandled(broker, name);
    if (count > 0) moving.push(`${count} events before ${name} or in its hand`);
  }
  const queued = await database.db.collection('emails').countDocuments({ status: 'queued' });
  if (queued > 0) moving.push(`${queued} e-mails queued`);
  const { state } = await broker.jsm.streams.info(broker.names.eventStream);
  return { moving, lastEvent: state.last_seq };
}
