import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../tests/support/quantile.ts';
import { type Api, createApi, type Member, newItem, newMember } from '../api.ts';
import { startChild } from '../child.ts';
import { type Arrival, opened, report, sharedNow } from './messages.ts';
import type { Options } from './options.ts';
import type { LiveStack } from './stack.ts';

export type LiveFigures = {
  idleMb: number;
  streamsMb: number;
  busyMb: number;
  openSeconds: number;
  writes: number;
  failedWrites: number;
  /** Milliseconds from a write's answer to its event at a reader, for each reader. */
  latencies: number[];
  missing: number;
  stillOpen: number;
};

const USERS_AT_ONCE = 8;
/** A process collects garbage once it has been quiet for some seconds. */
const QUIET_MS = 22_000;
const ARRIVED_WITHIN_MS = 10_000;

export async function measureLive(
  { gateway }: LiveStack,
  { streams, perUser, rate, seconds }: Options,
  signal: AbortSignal,
): Promise<LiveFigures> {
  const api = createApi(`${gateway.url}/api/v1`, signal);
  const step = (text: string) => console.error(text);
  const count = Math.ceil(streams / perUser);
  step(`making ${count} users ...`);
  const members = await makeMembers(api, count);
  await delay(QUIET_MS, undefined, { signal });
  const idleMb = gateway.residentMb();

  step(`opening ${count * perUser} streams ...`);
  const readers = startChild('live/readers.ts', [], signal);
  const startedAt = performance.now();
  const tokens = members.map(({ token }) => token);
  readers.send({ do: 'open', port: Number(new URL(gateway.url).port), tokens, perUser });
  await readers.hear(opened);
  const openSeconds = (performance.now() - startedAt) / 1000;
  await delay(QUIET_MS, undefined, { signal });
  const streamsMb = gateway.residentMb();

  step(`writing ${rate} items a second for ${seconds} s ...`);
  const { answered: written, failed } = await write(api, members, { rate, seconds }, signal);
  const arrivals: Arrival[] = [];
  let stillOpen = 0;
  const giveUpAt = performance.now() + ARRIVED_WITHIN_MS;
  const wanted = written.size * perUser;
  while (arrivals.length < wanted && performance.now() < giveUpAt) {
    await delay(500, undefined, { signal });
    readers.send({ do: 'report' });
    const { open, arrivals: more } = await readers.hear(report);
    arrivals.push(...more);
    stillOpen = open;
  }
  const busyMb = gateway.residentMb();
  readers.end();
  const latencies = arrivals.flatMap(({ itemId, at }) => {
    const answeredAt = written.get(itemId);
    // An event may be there before the answer.
    return answeredAt === undefined ? [] : [Math.max(0, at - answeredAt)];
  });
  const figures = { idleMb, streamsMb, busyMb, openSeconds, writes: written.size, failedWrites: failed };
  return { ...figures, latencies, missing: wanted - latencies.length, stillOpen };
}

async function makeMembers(api: Api, count: number): Promise<Member[]> {
  const members: Member[] = [];
  const numbers = Array.from({ length: count }, (_, at) => at).values();
  const worker = async () => {
    for (const number of numbers) members.push(await newMember(api, `reader-${number}`));
  };
  await Promise.all(Array.from({ length: USERS_AT_ONCE }, worker));
  return members;
}

/** Each write begins at its time, whether those before are answered or not. Returns when each was answered. */
async function write(
  api: Api,
  members: readonly Member[],
  { rate, seconds }: { rate: number; seconds: number },
  signal: AbortSignal,
): Promise<{ answered: Map<string, number>; failed: number }> {
  const answered = new Map<string, number>();
  let failed = 0;
  const answer = (id: string) => void answered.set(id, sharedNow());
  const fail = () => {
    failed += 1;
  };
  const writing: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let number = 0; number < rate * seconds; number += 1) {
    const waitMs = startedAt + (number * 1000) / rate - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal });
    const { token = '' } = members[number % members.length] ?? {};
    writing.push(newItem(api, token, `item ${number}`).then(answer, fail));
  }
  await Promise.all(writing);
  return { answered, failed };
}

const MOST_KB_PER_STREAM = 20;
const MOST_P99_MS = 50;

export type Goal = { name: string; value: string; isReached: boolean };

export function goalsOf({ latencies, idleMb, streamsMb, missing }: LiveFigures, streams: number): Goal[] {
  const kilobytes = ((streamsMb - idleMb) * 1024) / streams;
  const p99 = latencies.length === 0 ? Number.POSITIVE_INFINITY : quantile(latencies, 0.99);
  return [
    {
      name: `memory of a stream, at most ${MOST_KB_PER_STREAM} kB`,
      value: `${kilobytes.toFixed(1)} kB`,
      isReached: kilobytes <= MOST_KB_PER_STREAM,
    },
    {
      name: `p99 from a write's answer to its reader, at most ${MOST_P99_MS} ms`,
      value: `${p99.toFixed(1)} ms`,
      isReached: p99 <= MOST_P99_MS,
    },
    { name: 'no event missing', value: `${missing} missing`, isReached: missing === 0 },
  ];
}
