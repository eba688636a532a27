import { connect } from '@nats-io/transport-node';
import { brokerAddress } from '@quartet/common/config/fields.ts';
import { ADMIN, type Client, createClient, logIn } from '../../tests/support/client.ts';
import type { Stack } from '../../tests/system/stack.ts';

export const ADA = { email: 'ada@example.com', password: 'a long password', full_name: 'Ada Lovelace' };

const PEOPLE = [
  'Grace Hopper',
  'Barbara Liskov',
  'Edsger Dijkstra',
  'Donald Knuth',
  'Leslie Lamport',
  'Radia Perlman',
  'Tony Hoare',
  'Frances Allen',
  'Alan Kay',
];

const ITEMS: [title: string, description: string][] = [
  ['Notes on the engine', 'What it may compute, and what it never will.'],
  ['Table of Bernoulli numbers', 'From B1 to B7; check the fourth line.'],
  ['Letter to Mr Babbage', 'Asks for the drawings of the mill.'],
  ['Cards for the loom', ''],
  ['Reading list', 'De Morgan, Somerville, and the translation of Menabrea.'],
  ['Ideas for a flying machine', 'Wings in proportion to the body.'],
  ['Accounts of the spring', 'With the bookmaker’s letters.'],
  ['Journey to Turin', 'Trains, lodgings, people to meet.'],
];

const BROWSERS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
];

/** Messages that no consumer can read. */
const UNREADABLE = [
  ['user.deleted', 'this is no event'],
  ['user.created', '{"specversion":"1.0","type":"user.created"}'],
] as const;

/** All of it comes by the API, as from people; a dead letter only by the broker. */
export async function makeSampleData({ api, broker, id }: Stack): Promise<void> {
  const client = createClient(api);
  await signUp(client, ADA);
  for (const name of PEOPLE) {
    await signUp(client, { email: addressOf(name), password: ADA.password, full_name: name });
  }
  const ada = await logIn(client, ADA.email, ADA.password);
  for (const [title, description] of ITEMS.toReversed()) {
    await expectOk(client('POST', '/items/', { token: ada, body: { title, description } }));
  }
  for (const agent of BROWSERS) {
    const form = { username: ADA.email, password: ADA.password, scope: 'offline_access' };
    await expectOk(client('POST', '/login/access-token', { form, headers: { 'user-agent': agent } }));
  }
  const admin = await logIn(client, ADMIN.email, ADMIN.password);
  const invited = { email: 'katherine@example.com', full_name: 'Katherine Johnson' };
  await expectOk(client('POST', '/users/', { token: admin, body: { ...invited, password: ADA.password } }));
  if (broker !== undefined) await publish(broker, id);
}

const addressOf = (name: string) => `${name.split(' ')[0]?.toLowerCase()}@example.com`;

const signUp = (client: Client, body: typeof ADA) => expectOk(client('POST', '/users/signup', { body }));

async function expectOk(asked: ReturnType<Client>): Promise<void> {
  const { status, text } = await asked;
  if (status !== 200) throw new Error(`the sample data are refused: ${status} ${text}`);
}

async function publish(broker: string, namespace: string): Promise<void> {
  const { servers, user, password: pass } = brokerAddress.parse(broker);
  const connection = await connect({ servers, ...(user && pass ? { user, pass } : {}) });
  for (const [subject, text] of UNREADABLE) connection.publish(`${namespace}.${subject}`, text);
  await connection.drain();
}
