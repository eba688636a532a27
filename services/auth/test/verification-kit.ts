import { requestLink } from '@quartet/common/events/user-request.ts';
import { ObjectId } from 'mongodb';
import { expect } from 'vitest';
import { logInAdmin, PASSWORD, type UserBody } from '../../../tests/support/accounts.ts';
import type { Client } from '../../../tests/support/client.ts';
import { eventsAbout } from '../../../tests/support/events.ts';
import { fixture } from '../../../tests/support/fixtures.ts';
import { shownLink } from '../../../tests/support/forged-tokens.ts';
import { runAuth } from '../../../tests/support/services.ts';
import type { Testbed } from '../../../tests/support/testbed.ts';

export const HOUR_MS = 3_600_000;
export const NEXT = 'password2';
export const invalid = { status: 400, body: { detail: 'Invalid token' } };
export const notVerified = { status: 400, body: { detail: 'Email not verified' } };

/** auth with each value of EMAIL_VERIFICATION, on one database, and what the tests of verification ask of it. */
export const verificationFixture = () =>
  fixture(async (bed) => {
    const off = (await runAuth(bed)).client;
    const optional = (await runAuth(bed, { EMAIL_VERIFICATION: 'optional' })).client;
    const required = (await runAuth(bed, { EMAIL_VERIFICATION: 'required' })).client;
    const admin = await logInAdmin(required);
    return { off, optional, required, admin, ...verificationCalls(bed, optional, admin) };
  });

function verificationCalls(bed: Testbed, optional: Client, admin: string) {
  const verify = (token: string, client = optional) =>
    client('POST', '/users/verify-email', { body: { token } });
  const ask = (email: string, client = optional) =>
    client('POST', '/users/verification-email', { body: { email } });
  const enter = (client: Client, username: string, password = PASSWORD) =>
    client('POST', '/login/access-token', { form: { username, password } });
  const userOf = async (id: string) =>
    (await optional('GET', `/users/${id}`, { token: admin })).body as UserBody;
  const isVerified = async (id: string) => (await userOf(id)).is_verified;
  const reset = (token: string, client = optional) =>
    client('POST', '/reset-password/', { body: { token, new_password: NEXT } });
  const make = async (client: Client, path: string, body: object) => {
    const answer = await client('POST', path, { token: admin, body: { password: PASSWORD, ...body } });
    expect(answer.status).toBe(200);
    return answer.body as UserBody;
  };
  const store = (id: string, change: object) =>
    bed.database.db.collection('users').updateOne({ _id: new ObjectId(id) }, change);
  const askedBy = (by: 'event' | 'verification' | 'email-change', event_id: string, user_id: string) =>
    requestLink(bed.broker, { by, event_id, user_id });

  async function lastEvent(id: string, type: string) {
    const found = (await eventsAbout(bed, 'users', id)).findLast(({ event }) => event.type === type);
    return found?.event ?? expect.fail(`no ${type}`);
  }

  /** The token of the link in the e-mail that goes out on the user's last event of a type. */
  async function linkOf(id: string, type = 'user.created'): Promise<string> {
    const reply = await askedBy('verification', (await lastEvent(id, type)).id, id);
    if (!reply.found) throw new Error(`no link on ${type}`);
    return reply.token;
  }

  async function recoveryToken(email: string): Promise<string> {
    const reply = await requestLink(bed.broker, shownLink(bed, email));
    if (!reply.found) throw new Error(`no link for ${email}`);
    return reply.token;
  }

  return {
    verify,
    ask,
    enter,
    userOf,
    isVerified,
    reset,
    make,
    store,
    askedBy,
    lastEvent,
    linkOf,
    recoveryToken,
  };
}
