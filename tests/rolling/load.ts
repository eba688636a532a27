import { setTimeout as delay } from 'node:timers/promises';
import { type CrashClient, createCrashClient } from '../crash/clients/client.ts';
import { createItem } from '../crash/clients/item-operations.ts';
import { createMember } from '../crash/clients/user-operations.ts';
import { ensureSession, type Member, type World } from '../crash/clients/world.ts';
import type { Random } from '../crash/faults/random.ts';
import { sentOf, type Tally } from './tally.ts';

export type Load = {
  writers: readonly CrashClient[];
  run(signal: AbortSignal): Promise<void>;
};

const READERS = 8;
const ITEMS_EACH = 3;
const TICK_MS = 10;
/** A machine with more requests in flight is too slow; the reached rate shows it. */
const MOST_IN_FLIGHT = 200;

/** Readers do not wait for answers, so that a short hang delays no later request. */
export async function prepareLoad(
  world: (name: string) => World,
  { writers, rate }: { writers: number; rate: number },
  tally: Tally,
): Promise<Load> {
  const clients = Array.from({ length: writers }, (_, at) => createCrashClient(world(`w${at}`)));
  const reading = world('r');
  const readers: Member[] = [];
  while (readers.length < READERS) readers.push(await makeReader(reading));

  async function read(): Promise<void> {
    const { random, call, model } = reading;
    const { token, items } = random.pick(readers);
    const path = pathToRead(
      random,
      items.flatMap(({ id }) => id ?? []),
    );
    try {
      const { status, text } = await call('GET', path, { token });
      if (status !== 200 && status < 500) model.wrongAnswers.push(`GET ${path}: ${status} ${text}`);
    } catch (err) {
      // The balancer has counted failed connections already.
      if (!(err instanceof TypeError)) model.wrongAnswers.push(`GET ${path}: ${err}`);
    }
  }

  async function keepReading(signal: AbortSignal): Promise<void> {
    const inFlight = new Set<Promise<void>>();
    const [startedAt, before] = [performance.now(), sentOf(tally)];
    while (!signal.aborted) {
      const due = ((performance.now() - startedAt) / 1_000) * rate;
      for (let sent = sentOf(tally) - before; sent < due && inFlight.size < MOST_IN_FLIGHT; sent += 1) {
        const one = read().finally(() => inFlight.delete(one));
        inFlight.add(one);
      }
      await delay(TICK_MS);
    }
    await Promise.all(inFlight);
  }

  return {
    writers: clients,
    async run(signal) {
      await Promise.all([keepReading(signal), ...clients.map((client) => client.run(signal))]);
    },
  };
}

async function makeReader(world: World): Promise<Member> {
  const member = await createMember(world, 'signup');
  if (!member || !(await ensureSession(world, member))) throw new Error('nobody could sign up');
  for (let made = 0; made < ITEMS_EACH; made += 1) await createItem(world, member);
  return member;
}

function pathToRead(random: Random, items: readonly string[]): string {
  const draw = random.next();
  if (draw < 0.4) return '/users/me';
  return draw < 0.7 ? '/items/?limit=10' : `/items/${random.pick(items)}`;
}
