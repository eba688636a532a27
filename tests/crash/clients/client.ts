import { setTimeout as delay } from 'node:timers/promises';
import type { Login, Session } from '../checks/model.ts';
import { createItem, deleteItem, updateItem } from './item-operations.ts';
import {
  changePassword,
  createMember,
  logOut,
  recover,
  remove,
  resetByAdmin,
  update,
} from './user-operations.ts';
import { ensureSession, isOpen, type Member, stateOf, type World } from './world.ts';

/** Somebody who writes without a pause, one request after the other, for a few users. */
export type CrashClient = {
  /** Until the signal aborts and the last answer is there. */
  run(signal: AbortSignal): Promise<void>;
  /** What must hold of the users' sessions and passwords, for those whose state is known. */
  sessions(): Session[];
  logins(): Login[];
};

const MOST_MEMBERS = 4;
const MOST_ITEMS = 5;
const PAUSE_MS = [5, 60] as const;
/** After a request without an answer: most of the requests should meet something that lives. */
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
    logins: () => all.flatMap(loginsOf),
  };
}

/** One write of the member's or about it, with a session at hand. */
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
  if (draw < 0.85) return member.hasRecovered ? createItem(world, member) : recover(world, member);
  if (draw < 0.88) return logOut(world, member);
  if (draw < 0.94) return setPassword(world, member);
  if (draw < 0.97) return remove(world, member, 'admin');
  return removeWhileWriting(world, member);
}

/** Once a user: a second e-mail of the kind within a minute is held back. */
async function setPassword(world: World, member: Member): Promise<boolean> {
  if (member.formerPassword !== undefined) return createItem(world, member);
  if (world.random.next() < 0.3) return resetByAdmin(world, member);
  // A second session, which the new password must end.
  const { token } = member;
  member.token = undefined;
  if (!(await ensureSession(world, member))) {
    member.token = token;
    return false;
  }
  const isAnswered = await changePassword(world, member);
  if (isAnswered && token !== undefined) member.formerTokens.push(token);
  return isAnswered;
}

/** Items that are made while their owner goes must go too, whichever is first. */
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
  // Of a user who is gone or inactive either reason may be given.
  const former = status === 200 ? formerTokens : [];
  return [...current, ...former.map((ended) => ({ about, token: ended, status: 403 }))];
}

function loginsOf({ tracked, password, formerPassword }: Member): Login[] {
  const { after } = tracked.answered.at(-1) ?? {};
  if (tracked.lost || !after?.is_active || formerPassword === undefined) return [];
  const email = String(after.email);
  return [
    { email, password, status: 200 },
    { email, password: formerPassword, status: 400 },
  ];
}
