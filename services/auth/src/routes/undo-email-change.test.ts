import { requestLink } from '@quartet/common/events/user-request.ts';
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { adminUpdates, newEmail, newMember, signUp } from '../../../../tests/support/accounts.ts';
import { logIn } from '../../../../tests/support/client.ts';
import { documentOf, eventsAbout } from '../../../../tests/support/events.ts';
import { forge } from '../../../../tests/support/forged-tokens.ts';
import { HOUR_MS, invalid, NEXT, none, undoFixture } from '../../test/undo-kit.ts';

const { bed, auth, admin, undo, statusOf, reset, changesOf, linkOf, undoToken, recoveryToken, stolen } =
  await undoFixture();

describe('the link that goes to the former address', () => {
  test('given it is used, then the address is restored, all sessions end, and a recovery e-mail is sent', async () => {
    const { owner, thief, link } = await stolen();
    const { email, id } = owner;
    expect(await undo(link)).toMatchObject({ status: 200, body: { id, email, is_active: true } });
    expect([await statusOf(owner.token), await statusOf(thief)]).toEqual([403, 403]);
    const [change, request] = (await eventsAbout(bed, 'users', id)).slice(-2).map(({ event }) => event);
    const about = { user_id: id, email };
    expect(change).toMatchObject({
      type: 'user.updated',
      data: { ...about, changed: ['email', 'is_verified'] },
    });
    expect(change?.data).not.toHaveProperty('previous_email');
    expect(request).toMatchObject({ type: 'password.reset-requested', data: about });
    const asked = { by: 'event', event_id: request?.id ?? '', user_id: id } as const;
    const recovery = await requestLink(bed.broker, asked);
    expect(await reset(recovery.found ? recovery.token : '')).toMatchObject({ status: 200 });
    expect(await logIn(auth, email, NEXT)).toBeTruthy();
  });

  test('given it was used, then it is invalid', async () => {
    const { link } = await stolen();
    expect((await undo(link)).status).toBe(200);
    expect(await undo(link)).toMatchObject(invalid);
  });

  test('given a second request, then the link is the same, and it says how long it is valid', async () => {
    const { owner, link } = await stolen();
    const [change] = await changesOf(owner.id);
    const again = await linkOf(owner.id, change?.eventId ?? '');
    expect(again).toMatchObject({ found: true, valid_hours: 72, email: owner.email });
    const claimsOf = (token: string): unknown =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claimsOf(again.found ? again.token : '')).toEqual(claimsOf(link));
  });

  test('given 72 hours have passed, then it is invalid, and no e-mail gets another link', async () => {
    const { owner, link } = await stolen();
    const [change] = await changesOf(owner.id);
    const age = (ms: number) =>
      bed.database.db
        .collection('users')
        .updateOne(
          { _id: new ObjectId(owner.id) },
          { $set: { 'undo_grants.0.at': new Date(Date.now() - ms) } },
        );
    await age(72 * HOUR_MS);
    expect(await undo(link)).toMatchObject(invalid);
    expect(await linkOf(owner.id, change?.eventId ?? '')).toEqual(none);
    await age(71 * HOUR_MS);
    expect(await linkOf(owner.id, change?.eventId ?? '')).toMatchObject({ found: true, valid_hours: 1 });
    expect((await undo(link)).status).toBe(200);
  });

  test('given a token for another purpose or of no user, then it is refused; this token is also refused elsewhere', async () => {
    const { owner, link, foreign } = await stolen();
    const [change] = await changesOf(owner.id);
    const claims = { aud: 'quartet:undo', sub: owner.id, grant: change?.eventId };
    const ago = Math.floor(Date.now() / 1000) - 60;
    const wrong = [
      'x',
      '',
      owner.token,
      await recoveryToken(foreign),
      forge(bed, { ...claims, aud: 'quartet:link' }),
      forge(bed, { ...claims, sub: admin }),
      forge(bed, { ...claims, sub: 'f'.repeat(24) }),
      forge(bed, { ...claims, grant: 'another' }),
      forge(bed, { ...claims, grant: undefined }),
      forge(bed, { ...claims, iat: ago - 1, exp: ago }),
    ];
    for (const token of wrong) expect(await undo(token)).toMatchObject(invalid);
    expect(await reset(link)).toMatchObject(invalid);
    expect(await statusOf(link)).toBe(403);
    const other = await stolen();
    expect(await linkOf(other.owner.id, change?.eventId ?? '')).toEqual(none);
    expect((await undo(forge(bed, claims))).status).toBe(200);
  });

  test('given a reset link is requested for the event of a changed address, then there is none, and vice versa', async () => {
    const { owner, foreign } = await stolen();
    await auth('POST', `/password-recovery/${foreign}`);
    const events = (await eventsAbout(bed, 'users', owner.id)).map(({ event }) => event);
    const idOf = (type: string) => events.findLast((event) => event.type === type)?.id ?? '';
    const user_id = owner.id;
    const asReset = { by: 'event', event_id: idOf('user.updated'), user_id } as const;
    expect(await requestLink(bed.broker, asReset)).toEqual(none);
    expect(await linkOf(user_id, idOf('password.reset-requested'))).toEqual(none);
  });

  test('given an admin changed the address, then the owner is notified and can undo it as any other change', async () => {
    const { id, email } = await signUp(auth);
    await adminUpdates(auth, admin, id, { email: newEmail() });
    expect(await undo(await undoToken(id, email))).toMatchObject({ status: 200, body: { email } });
  });

  test('given only the spelling or another field changes, then no e-mail is sent', async () => {
    const { id, email, token } = await newMember(auth);
    await auth('PATCH', '/users/me', { token, body: { email: email.toUpperCase(), full_name: 'New' } });
    expect((await changesOf(id)).map(({ told }) => told)).toEqual([undefined]);
    expect(await documentOf(bed, 'users', id)).not.toHaveProperty('undo_grants');
  });
});
