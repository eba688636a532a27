import { setTimeout as delay } from 'node:timers/promises';
import type { Login, Session } from '../checks/model.ts';
import { createItem, deleteItem, updateItem } from './item-operations.ts';
import {
  askForVerification,
  changePassword,
  createMember,
  endSession,
  logOut,
  recover,
  remove,
  resetByAdmin,
  update,
} from './user-operations.ts';
import { ensureSession, isOpen, type Member, refreshTokens, stateOf, type World } from './world.ts';

/** A client writes for a few users, one request after the other. */
export type CrashClient = {
  run(signal: AbortSignal): Promise<void>;
  /** It returns the expectations for users whose state is known. */
  sessions(): Session[];
  logins(): Login[];
};

const MOST_MEMBERS = 4;
const MOST_ITEMS = 5;
const PAUSE_MS = [5, 60] as const;
/** After a lost answer, the pause lets most requests reach living processes. */
const PAUSE_AFTER_LOSS_MS = [50, 400] as const;

export function createCrashClient(world: World): CrashClient {
  const { random } = world;
  const all: Member[] = [];
  const open = () => all.filter(({ tracked }) => isOpen(tracked));

  async function step(): Promise<boolean> {
    const members = open();
    if (members.length === 0 || (members.length < MOST_MEMBERS && random.next() < 0.15)) {
      const member = await createMember(world, random.next() < 0.75 ? 'signup' : 'admin');
      if (member) all.push(member);
      return member !== undefined;
    }
    const member = random.pick(members);
    if (stateOf(member.tracked).is_active === false) return remove(world, member, 'admin');
    return (await ensureSession(world, member)) && act(world, member);
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        const isAnswered = await step();
        const pauseMs = isAnswered ? random.between(...PAUSE_MS) : random.between(...PAUSE_AFTER_LOSS_MS);
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    },
    sessions: () => all.flatMap(sessionsOf),
    logins: () => [...all.flatMap(loginsOf), ...all.flatMap(refreshesOf)],
  };
}

async function act(world: World, member: Member): Promise<boolean> {
  const { random } = world;
  const items = member.items.filter(isOpen);
  const draw = random.next();
  if (draw < 0.3 && items.length < MOST_ITEMS) return createItem(world, member);
  if (draw < 0.5 && items.length > 0) return updateItem(world, member, random.pick(items));
  if (draw < 0.6 && items.length > 0) return deleteItem(world, member, random.pick(items));
  if (draw < 0.67) return update(world, member, 'self', { full_name: world.fresh('name') });
  if (draw < 0.73) return update(world, member, 'self', { email: `${world.fresh('moved')}@example.com` });
  if (draw < 0.77) return update(world, member, 'admin', { full_name: world.fresh('name') });
  if (draw < 0.79) return update(world, member, 'admin', { is_active: false });
  if (draw < 0.81) return refreshTokens(world, member);
  if (draw < 0.83) return member.hasLink ? createItem(world, member) : askForVerification(world, member);
  if (draw < 0.86) return member.hasRecovered ? createItem(world, member) : recover(world, member);
  if (draw < 0.88) return logOut(world, member);
  if (draw < 0.89) return endSession(world, member);
  if (draw < 0.94) return setPassword(world, member);
  if (draw < 0.97) return remove(world, member, 'admin');
  return removeWhileWriting(world, member);
}

/** It runs once per user: a second e-mail of the kind within a minute is delayed. */
async function setPassword(world: World, member: Member): Promise<boolean> {
  if (member.formerPassword !== undefined) return createItem(world, member);
  if (world.random.next() < 0.3) return resetByAdmin(world, member);
  // The new password must end this second session.
  const { token, refreshToken } = member;
  member.token = undefined;
  if (!(await ensureSession(world, member))) {
    Object.assign(member, { token, refreshToken });
    return false;
  }
  const isAnswered = await changePassword(world, member);
  if (isAnswered && token !== undefined) member.formerTokens.push(token);
  if (isAnswered && refreshToken !== undefined) member.formerRefreshTokens.push(refreshToken);
  return isAnswered;
}

/** A deletion must remove items that are created at the same time. */
async function removeWhileWriting(world: World, member: Member): Promise<boolean> {
  const removing = remove(world, member, 'self');
  await Promise.all([removing, createItem(world, member, true), createItem(world, member, true)]);
  return removing;
}

function sessionsOf({ tracked, token, formerTokens }: Member): Session[] {
  if (tracked.lost) return [];
  const { after } = tracked.answered.at(-1) ?? {};
  const status = after ? (after.is_active ? 200 : 400) : 404;
  const about = tracked.key.value;
  const current = token === undefined ? [] : [{ about, token, status }];
  // For a deleted or inactive user, the API may give either reason.
  const former = status === 200 ? formerTokens : [];
  return [...current, ...former.map((ended) => ({ about, token: ended, status: 403 }))];
}

function loginsOf({ tracked, password, formerPassword }: Member): Login[] {
  const { after } = tracked.answered.at(-1) ?? {};
  if (tracked.lost || !after?.is_active || formerPassword === undefined) return [];
  const username = String(after.email);
  const about = `login of ${username}`;
  return [
    { about, form: { username, password }, status: 200 },
    { about: `${about} with the former password`, form: { username, password: formerPassword }, status: 400 },
  ];
}

/** A refresh that was answered is good, and what ended a session ended its refresh token. */
function refreshesOf({ tracked, refreshToken, formerRefreshTokens }: Member): Login[] {
  if (tracked.lost) return [];
  const { after } = tracked.answered.at(-1) ?? {};
  const about = `refresh of ${tracked.key.value}`;
  const withToken = (refresh_token: string, status: number): Login => ({
    about,
    form: { grant_type: 'refresh_token', refresh_token },
    status,
  });
  const present = refreshToken === undefined ? [] : [withToken(refreshToken, after?.is_active ? 200 : 400)];
  return [...present, ...formerRefreshTokens.map((former) => withToken(former, 400))];
}
