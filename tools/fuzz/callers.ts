import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Client, createClient, logIn } from '../../tests/support/client.ts';
import type { Caller } from './arguments.ts';

const PASSWORD = 'a password of the fuzzer';
const ITEMS = 3;

type Account = { id: string; email: string; token: string };

export type Cast = {
  caller: Caller;
  /** It is undefined for the anonymous caller. */
  self: Account | undefined;
  /** This account creates those that calls destroy; no call is made as it. */
  keeper: Account;
  /** It owns objects that only the superuser may see, and it is never changed. */
  bystander: Account;
};

export async function prepareCast(
  api: string,
  caller: Caller,
  admin: { email: string; password: string },
): Promise<Cast> {
  const client = createClient(api);
  const keeperToken = await logIn(client, admin.email, admin.password);
  const keeper = { ...(await whoAmI(client, keeperToken)), token: keeperToken };
  const newEmail = () => `fuzz-${randomBytes(8).toString('hex')}@example.com`;
  const bystander = await join(client, newEmail(), '/users/signup');
  await addItems(client, bystander);
  if (caller === 'anonymous') return { caller, self: undefined, keeper, bystander };
  const self =
    caller === 'user'
      ? await join(client, newEmail(), '/users/signup')
      : await join(client, newEmail(), '/users/', { token: keeper.token, is_superuser: true });
  await addItems(client, self);
  return { caller, self, keeper, bystander };
}

export async function damageTo({ self, keeper, caller }: Cast, api: string): Promise<string | undefined> {
  const client = createClient(api);
  for (const [name, account] of Object.entries({ caller: self, keeper })) {
    if (account === undefined) continue;
    const { status, body, text } = await client('GET', '/users/me', { token: account.token });
    const role = z.object({ id: z.literal(account.id), is_superuser: z.boolean() }).safeParse(body);
    if (status !== 200 || !role.success)
      return `the ${name}'s token does not work any more: ${status} ${text}`;
    if (role.data.is_superuser !== (name === 'keeper' || caller === 'superuser'))
      return `the ${name} has another role than before: ${text}`;
  }
  return undefined;
}

export async function countDeadLetters({ keeper }: Cast, api: string): Promise<number> {
  const { body } = await createClient(api)('GET', '/dead-letters/?limit=1', { token: keeper.token });
  return z.object({ count: z.number() }).parse(body).count;
}

async function join(
  client: Client,
  email: string,
  path: string,
  { token, ...role }: { token?: string; is_superuser?: boolean } = {},
): Promise<Account> {
  const { status, text } = await client('POST', path, {
    token,
    body: { email, password: PASSWORD, ...role },
  });
  if (status !== 200) throw new Error(`POST ${path} answered ${status}: ${text}`);
  const session = await logIn(client, email, PASSWORD);
  return { ...(await whoAmI(client, session)), token: session };
}

async function whoAmI(client: Client, token: string): Promise<{ id: string; email: string }> {
  const { body } = await client('GET', '/users/me', { token });
  return z.object({ id: z.string(), email: z.string() }).parse(body);
}

async function addItems(client: Client, { token }: Account): Promise<void> {
  for (let made = 1; made <= ITEMS; made += 1)
    await client('POST', '/items/', { token, body: { title: `item ${made}` } });
}
