import { randomUUID } from 'node:crypto';
import { ensureTopology } from '@quartet/common/events/broker/topology.ts';
import { createRevocationPublisher } from '@quartet/common/events/kv/revocation-bucket.ts';
import { createRelay } from '@quartet/common/events/outbox/relay.ts';
import { userGone } from '@quartet/common/tokens/access.ts';
import { createRevocationMap } from '@quartet/common/tokens/revocations.ts';
import { createVerifier } from '@quartet/common/tokens/verifier.ts';
import { expect, test } from 'vitest';
import { newEmail } from '../../../../tests/support/accounts.ts';
import { allPublished, eventsAbout } from '../../../../tests/support/events.ts';
import { fixture } from '../../../../tests/support/fixtures.ts';
import { createPasswords, ownTurn } from '../passwords.ts';
import { createRevoker } from '../tokens/revoker.ts';
import { deriveSigningKey, ownKeys } from '../tokens/signing-keys.ts';
import { createTokenIssuer } from '../tokens/token-issuer.ts';
import { createAccounts } from './accounts.ts';
import type { User } from './user.ts';
import { openUserStore, type UserStore } from './user-store.ts';

const LIFE = { accessTokenSeconds: 60, linkSeconds: 3_600 };
const context = () => ({ now: new Date() });

const { bed, store, accountsOn } = await fixture(async ({ broker, database, log }) => {
  await ensureTopology(broker, LIFE.accessTokenSeconds);
  const store = await openUserStore(database.db);
  const revocations = createRevocationMap();
  const publisher = await createRevocationPublisher(broker);
  const key = deriveSigningKey('the secret key of a test of races');
  const parts = {
    relay: createRelay<User>({ collection: store.collection, broker, log }),
    passwords: await createPasswords(4),
    issuer: createTokenIssuer([key], LIFE, () => true, revocations.knownSince),
    verifier: createVerifier(ownKeys([key])),
    revoker: createRevoker(revocations, publisher, LIFE.accessTokenSeconds),
    verification: { isOn: false, isRequired: false, linkSeconds: LIFE.linkSeconds },
    passwordSet: async () => undefined,
  };
  return { store, accountsOn: (of: UserStore) => createAccounts({ ...parts, store: of }) };
});

/** The store, with something that happens right after a user was found by the address. */
const interruptedStore = (meanwhile: (found: User) => Promise<unknown>): UserStore => ({
  ...store,
  async findByEmail(email) {
    const found = await store.findByEmail(email);
    if (found) await meanwhile(found);
    return found;
  },
});

async function eventsAfter(
  meanwhile: (id: string) => Promise<unknown>,
  act: (accounts: ReturnType<typeof accountsOn>, email: string) => Promise<void>,
): Promise<string[]> {
  const email = newEmail();
  const fields = { email, full_name: null, password: 'password', is_active: true, is_superuser: false };
  const user = await accountsOn(store).create(fields, 'signup', context(), ownTurn);
  const id = user._id.toHexString();
  await act(accountsOn(interruptedStore(() => meanwhile(id))), email);
  await allPublished(bed, 'users');
  return (await eventsAbout(bed, 'users', id)).map(({ event }) => event.type);
}

const checks = { missing: userGone, turn: ownTurn, checkRevision: () => {} };
const moves = (id: string) => accountsOn(store).update(id, { email: newEmail() }, context(), checks);
const changesItsName = (id: string) => accountsOn(store).update(id, { full_name: 'Name' }, context(), checks);

test('given a user who moves to another address while a link is requested, then no link is sent', async () => {
  const request: Parameters<typeof eventsAfter>[1] = (accounts, email) =>
    accounts.requestReset(email, context(), randomUUID());
  expect(await eventsAfter(moves, request)).toEqual(['user.created', 'user.updated']);
  const asked = ['user.created', 'user.updated', 'password.reset-requested'];
  expect(await eventsAfter(changesItsName, request)).toEqual(asked);
});

test('given a user who moves to another address while guessing is reported, then no warning is sent', async () => {
  const report: Parameters<typeof eventsAfter>[1] = (accounts, email) =>
    accounts.reportGuessing(email, 10, context());
  expect(await eventsAfter(moves, report)).toEqual(['user.created', 'user.updated']);
  const told = ['user.created', 'user.updated', 'password.guessing-detected'];
  expect(await eventsAfter(changesItsName, report)).toEqual(told);
});
