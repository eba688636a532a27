import { requestLink } from '@quartet/common/events/user-request.ts';
import { expect } from 'vitest';
import * as z from 'zod';
import { logInAdmin, newEmail, newMember, PASSWORD } from '../../../tests/support/accounts.ts';
import { type Client, logIn } from '../../../tests/support/client.ts';
import { eventsAbout } from '../../../tests/support/events.ts';
import { fixture } from '../../../tests/support/fixtures.ts';
import { shownLink } from '../../../tests/support/forged-tokens.ts';
import { runAuth } from '../../../tests/support/services.ts';
import type { Testbed } from '../../../tests/support/testbed.ts';

export const NEXT = 'password2';
export const HOUR_MS = 3_600_000;
export const invalid = { status: 400, body: { detail: 'Invalid token' } };
export const none = { found: false };

const updated = z.object({ previous_email: z.string().optional() });

/** Two replicas of auth, and what the tests of undone changes of address ask of them. */
export const undoFixture = () =>
  fixture(async (bed) => {
    const auth = (await runAuth(bed)).client;
    const replica = (await runAuth(bed)).client;
    const admin = await logInAdmin(auth);
    return { auth, replica, admin, ...undoCalls(bed, auth, admin) };
  });

function undoCalls(bed: Testbed, auth: Client, admin: string) {
  const undo = (token: string, client = auth) =>
    client('POST', '/users/undo-email-change', { body: { token } });
  const move = (token: string, email = newEmail()) => auth('PATCH', '/users/me', { token, body: { email } });
  const statusOf = async (token: string) => (await auth('GET', '/users/me', { token })).status;
  const addressOf = async (id: string) =>
    (await auth('GET', `/users/${id}`, { token: admin })).body as { email: string };
  const reset = (token: string) => auth('POST', '/reset-password/', { body: { token, new_password: NEXT } });

  /** The events that say that an address changed, with the former address where it gets an e-mail. */
  async function changesOf(id: string): Promise<{ eventId: string; told: string | undefined }[]> {
    return (await eventsAbout(bed, 'users', id))
      .filter(({ event }) => event.type === 'user.updated')
      .map(({ event }) => ({ eventId: event.id, told: updated.parse(event.data).previous_email }));
  }

  const linkOf = (id: string, eventId: string) =>
    requestLink(bed.broker, { by: 'email-change', event_id: eventId, user_id: id });

  /** The token in the e-mail that went to a former address of a user. */
  async function undoToken(id: string, address: string): Promise<string> {
    const change = (await changesOf(id)).find(({ told }) => told === address);
    const reply = await linkOf(id, change?.eventId ?? expect.fail(`${address} was not told`));
    if (!reply.found) throw new Error(`no link for ${address}`);
    return reply.token;
  }

  async function recoveryToken(email: string): Promise<string> {
    const reply = await requestLink(bed.broker, shownLink(bed, email));
    if (!reply.found) throw new Error(`no link for ${email}`);
    return reply.token;
  }

  /** A user whose address somebody else has changed by a stolen session. */
  async function stolen() {
    const owner = await newMember(auth);
    const thief = await logIn(auth, owner.email, PASSWORD);
    const foreign = newEmail();
    expect((await move(thief, foreign)).status).toBe(200);
    return { owner, thief, foreign, link: await undoToken(owner.id, owner.email) };
  }

  return { undo, move, statusOf, addressOf, reset, changesOf, linkOf, undoToken, recoveryToken, stolen };
}
