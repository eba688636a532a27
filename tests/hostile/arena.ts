import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { newMember, PASSWORD, signUp } from '../support/accounts.ts';
import { type Client, createClient } from '../support/client.ts';
import { type Stack, startStack } from '../system/stack.ts';
import { createCaller } from './attacker/caller.ts';
import type { Arms, Attack } from './attacks/attack.ts';
import { abortedBy } from './observing/aborted-by.ts';
import type { Victim } from './observing/victims.ts';
import type { Sabotage } from './sabotage/sabotages.ts';

export type Arena = {
  stack: Stack;
  arms: Arms;
  victim: Victim;
  prepare(attack: Attack): Promise<void>;
};

/** Linux answers on all of 127.0.0.0/8, and a service sees the caller's address. */
const ATTACKER = '127.1.0.1';
const OTHER = '127.2.0.1';
const FRIEND = '127.3.0.1';
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'sabotage/preload.ts')).href;
const STORED_AT_ONCE = 16;
const JOINED_AT_ONCE = 4;
const WARM_SECONDS = 3;
const FRIENDS = 6;

/** The stack has its own engines, and the default limits and cost of a hash. */
export async function openArena(sabotage: Sabotage | undefined, signal: AbortSignal): Promise<Arena> {
  const stack = await startStack([], environment(sabotage), signal);
  try {
    // `npm start` prints localhost, but an attack needs an address.
    const api = stack.api.replace('//localhost:', '//127.0.0.1:');
    const client = createClient(api);
    const arms: Arms = { ...(await enlist(client, 'attacker')), others: [], api, from: ATTACKER };
    const victim = { ...(await enlist(client, 'other')), api, from: OTHER };
    await warmUp({ ...arms, from: FRIEND }, signal);
    let [stored, joined] = [1, 0];
    const prepare = async ({ items, accounts }: Attack): Promise<void> => {
      const store = async (): Promise<void> => {
        for (; stored < items && !signal.aborted; ) {
          stored += 1;
          await storeItem(client, arms.token);
        }
      };
      const join = async (): Promise<void> => {
        for (; joined < accounts && !signal.aborted; ) {
          joined += 1;
          const { email } = await signUp(client, `attacker-${joined}@example.com`);
          arms.others.push({ email, password: PASSWORD });
        }
      };
      const side = (work: () => Promise<void>, most: number) => Array.from({ length: most }, work);
      await Promise.all([...side(store, STORED_AT_ONCE), ...side(join, JOINED_AT_ONCE)]);
    };
    return { stack, arms, victim, prepare };
  } catch (err) {
    await stack.stop();
    throw err;
  }
}

function environment(sabotage: Sabotage | undefined): Record<string, string> {
  const env = {
    // These settings exclude foreign servers, and callers from other machines.
    ...{ MONGODB_URL: '', DOCUMENTDB_HOST: '', NATS_URL: '', HOST: '127.0.0.1' },
    ...{ PASSWORD_HASH_ROUNDS: '12', RATE_LIMITS: 'on' },
  };
  if (!sabotage) return env;
  const nodeOptions = `${process.env.NODE_OPTIONS ?? ''} --import ${PRELOAD}`.trim();
  return { ...env, HOSTILE_SABOTAGE: sabotage.name, NODE_OPTIONS: nodeOptions };
}

async function enlist(client: Client, name: string): Promise<Omit<Arms, 'api' | 'from' | 'others'>> {
  const { email, password, token } = await newMember(client, `${name}@example.com`);
  return { email, password, token, itemId: await storeItem(client, token) };
}

async function storeItem(client: Client, token: string): Promise<string> {
  const body = { title: 'an item', description: 'x'.repeat(255) };
  const { status, body: stored } = await client('POST', '/items/', { token, body });
  if (status !== 200) throw new Error(`an item was answered with ${status}`);
  return (stored as { id: string }).id;
}

/** Memory "as before" is that of a process which has worked already. */
async function warmUp(arms: Arms, signal: AbortSignal): Promise<void> {
  const call = createCaller(arms, FRIENDS);
  const over = AbortSignal.any([signal, AbortSignal.timeout(WARM_SECONDS * 1_000)]);
  const form = String(new URLSearchParams({ username: arms.email, password: arms.password }));
  const work = async (): Promise<void> => {
    while (!over.aborted) {
      await call('GET', '/openapi.json');
      await call('GET', '/users/me');
      await call('PATCH', `/items/${arms.itemId}`, JSON.stringify({ title: `at ${performance.now()}` }));
      await call('GET', '/items/?limit=1000');
    }
  };
  const logIn = async (): Promise<void> => {
    while (!over.aborted) {
      await call('POST', '/login/access-token', form, 'form');
      await abortedBy(over, delay(1_000, undefined, { signal: over }));
    }
  };
  await Promise.all([logIn(), ...Array.from({ length: FRIENDS - 1 }, work)]);
}
