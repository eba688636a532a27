import { fingerprint } from '../checks/fingerprint.ts';
import type { Change, Tracked } from '../checks/model.ts';
import { sessionIdOf } from './sessions.ts';
import { ensureAdmin, type Member, stateOf, type World, write } from './world.ts';

/** Returns the member when the answer arrived. */
export async function createMember(world: World, by: 'signup' | 'admin'): Promise<Member | undefined> {
  const email = `${world.fresh('user')}@example.com`;
  const password = world.fresh('password');
  const fields = { email, full_name: world.fresh('name'), is_active: true, is_superuser: false };
  const tracked: Tracked = {
    collection: 'users',
    key: { field: 'email', value: email },
    id: undefined,
    owner: undefined,
    answered: [],
    lost: undefined,
  };
  world.model.tracked.push(tracked);
  const change = {
    what: by,
    after: fields,
    fingerprints: [fingerprint('user.created', { ...fields, origin: by })],
  };
  const body = { email, password, full_name: fields.full_name };
  const isAnswered =
    by === 'signup'
      ? await write(world, tracked, change, ['POST', '/users/signup'], { body })
      : await writeAsAdmin(world, tracked, change, ['POST', '/users/'], body);
  if (!isAnswered) return undefined;
  return {
    tracked,
    password,
    formerPassword: undefined,
    token: undefined,
    formerTokens: [],
    formerRefreshTokens: [],
    items: [],
    hasRecovered: false,
    hasLink: false,
  };
}

type Fields = { email?: string; full_name?: string; is_active?: boolean };

export function update(world: World, member: Member, by: 'self' | 'admin', fields: Fields): Promise<boolean> {
  const before = stateOf(member.tracked);
  const after = { ...before, ...fields };
  member.hasLink ||= fields.email !== undefined;
  const changed = Object.keys(fields);
  // The former address gets an e-mail.
  const previous_email = fields.email === undefined ? undefined : before.email;
  const fingerprints = [fingerprint('user.updated', { ...after, changed, previous_email })];
  const change = { what: `update by ${by}`, after, fingerprints };
  return by === 'self'
    ? write(world, member.tracked, change, ['PATCH', '/users/me'], { holder: member, body: fields })
    : writeAsAdmin(world, member.tracked, change, ['PATCH', pathOf(member)], fields);
}

/** This session continues; all others end. */
export async function changePassword(world: World, member: Member): Promise<boolean> {
  const after = stateOf(member.tracked);
  const wanted = world.fresh('password');
  const fingerprints = [fingerprint('password.changed', { ...after, by: 'owner' })];
  const change = { what: 'new password', after, fingerprints };
  const body = { current_password: member.password, new_password: wanted };
  const path = '/users/me/password';
  const isAnswered = await write(world, member.tracked, change, ['PATCH', path], {
    holder: member,
    body,
  });
  if (isAnswered) setPassword(member, wanted);
  return isAnswered;
}

/** Two events report this single write; all sessions end. */
export async function resetByAdmin(world: World, member: Member): Promise<boolean> {
  const full_name = world.fresh('name');
  const password = world.fresh('password');
  const after = { ...stateOf(member.tracked), full_name };
  const fingerprints = [
    fingerprint('user.updated', { ...after, changed: ['full_name'] }),
    fingerprint('password.changed', { ...after, by: 'admin' }),
  ];
  const change = { what: 'reset by admin', after, fingerprints };
  const body = { full_name, password };
  const isAnswered = await writeAsAdmin(world, member.tracked, change, ['PATCH', pathOf(member)], body);
  if (isAnswered) {
    setPassword(member, password);
    dropSession(member, member.token);
  }
  return isAnswered;
}

function dropSession(member: Member, token: string | undefined): void {
  if (token !== undefined) member.formerTokens.push(token);
  if (member.refreshToken !== undefined) member.formerRefreshTokens.push(member.refreshToken);
  member.token = undefined;
  member.refreshToken = undefined;
}

function setPassword(member: Member, password: string): void {
  member.formerPassword = member.password;
  member.password = password;
}

/** It changes nothing, but creates an event. */
export function recover(world: World, member: Member): Promise<boolean> {
  member.hasRecovered = true;
  const after = stateOf(member.tracked);
  const change = { what: 'recovery', after, fingerprints: [fingerprint('password.reset-requested', after)] };
  const path = `/password-recovery/${encodeURIComponent(String(after.email))}`;
  return write(world, member.tracked, change, ['POST', path], {});
}

/** It changes nothing, but creates an event. */
export function askForVerification(world: World, member: Member): Promise<boolean> {
  member.hasLink = true;
  const after = stateOf(member.tracked);
  const fingerprints = [fingerprint('user.verification-requested', after)];
  const change = { what: 'verification', after, fingerprints };
  const body = { email: after.email };
  return write(world, member.tracked, change, ['POST', '/users/verification-email'], { body });
}

export const logOut = (world: World, member: Member): Promise<boolean> =>
  endOwn(world, member, 'logout', ['POST', '/logout']);

/** It is in the list of sessions under the id that its tokens have. */
export const endSession = (world: World, member: Member): Promise<boolean> =>
  endOwn(world, member, 'end of a session', ['DELETE', `/sessions/${sessionIdOf(member.token ?? '')}`]);

async function endOwn(
  world: World,
  member: Member,
  what: string,
  request: [method: string, path: string],
): Promise<boolean> {
  const { token } = member;
  const after = stateOf(member.tracked);
  const change = { what, after, fingerprints: [fingerprint('user.logged-out', after)] };
  const isAnswered = await write(world, member.tracked, change, request, { holder: member });
  if (isAnswered) dropSession(member, token);
  return isAnswered;
}

export function remove(world: World, member: Member, by: 'self' | 'admin'): Promise<boolean> {
  const fingerprints = [fingerprint('user.deleted', stateOf(member.tracked))];
  const change = { what: `deletion by ${by}`, after: null, fingerprints };
  return by === 'self'
    ? write(world, member.tracked, change, ['DELETE', '/users/me'], { holder: member })
    : writeAsAdmin(world, member.tracked, change, ['DELETE', pathOf(member)]);
}

async function writeAsAdmin(
  world: World,
  tracked: Tracked,
  change: Change,
  request: [method: string, path: string],
  body?: unknown,
): Promise<boolean> {
  return (await ensureAdmin(world)) && write(world, tracked, change, request, { holder: world.admin, body });
}

const pathOf = ({ tracked }: Member): string => `/users/${tracked.id}`;
