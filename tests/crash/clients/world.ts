import * as z from 'zod';
import { ADMIN, type Client } from '../../support/client.ts';
import type { Change, Model, State, Tracked } from '../checks/model.ts';
import type { Random } from '../faults/random.ts';
import { type Sent, send } from './send.ts';
import { dropEnded, type Holder } from './sessions.ts';

export type World = {
  call: Client;
  model: Model;
  random: Random;
  /** All clients share a session of the first superuser. */
  admin: Holder;
  /** The name is unique in the run. */
  fresh(prefix: string): string;
};

export type Member = Holder & {
  tracked: Tracked;
  password: string;
  /** This password must not work any more. */
  formerPassword: string | undefined;
  formerRefreshTokens: string[];
  items: Tracked[];
  /** A second e-mail of a kind within a minute would be delayed, so a user asks once. */
  hasRecovered: boolean;
  /** The present address has or will get a link that verifies it, by a request or by a change of address. */
  hasLink: boolean;
};

const made = z.object({ id: z.string(), updated_at: z.string() });
const granted = z.object({ access_token: z.string(), refresh_token: z.string().optional() });

export const stateOf = (tracked: Tracked): NonNullable<State> => tracked.answered.at(-1)?.after ?? {};

/** A document without a lost answer may get more writes. */
export const isOpen = (tracked: Tracked): boolean =>
  !tracked.lost && tracked.answered.length > 0 && tracked.answered.at(-1)?.after !== null;

/** Returns whether the write was answered; `mayBeRefused` allows a refusal. */
export async function write(
  { call, model }: World,
  tracked: Tracked,
  change: Change,
  [method, path]: [method: string, path: string],
  { holder, body }: { holder?: Holder; body?: unknown },
  mayBeRefused = false,
): Promise<boolean> {
  const token = holder?.token;
  const sent = await send(call, method, path, { token, body });
  switch (sent.kind) {
    case 'answered':
      model.counts.answered += 1;
      tracked.answered.push({ ...change, after: completed(tracked, change.after, sent) });
      break;
    case 'lost':
      model.counts.lost += 1;
      tracked.lost = untimed(change);
      break;
    case 'unreached':
      model.counts.unreached += 1;
      break;
    case 'refused':
      if (mayBeRefused || (holder && dropEnded(model, holder, token, sent, change.what))) break;
      model.wrongAnswers.push(`${change.what} of ${tracked.key.value}: ${sent.status} ${sent.text}`);
      break;
    case 'wrong':
      tracked.lost = untimed(change);
      model.wrongAnswers.push(`${change.what} of ${tracked.key.value}: ${sent.why}`);
      break;
  }
  return sent.kind === 'answered';
}

function completed(tracked: Tracked, after: State, { body }: Extract<Sent, { kind: 'answered' }>): State {
  const answer = made.safeParse(body);
  // An answer that is only a message does not contain the time of the change.
  if (!answer.success || after === null) return untimed({ after }).after;
  tracked.id ??= answer.data.id;
  return { ...after, updated_at: answer.data.updated_at };
}

const untimed = <C extends { after: State }>(change: C): C => ({
  ...change,
  after: change.after && { ...change.after, updated_at: undefined },
});

/** Logs in when needed; returns false when that is impossible now. */
export const ensureSession = (world: World, member: Member): Promise<boolean> =>
  logIn(world, member, String(stateOf(member.tracked).email), member.password, true);

export const ensureAdmin = (world: World): Promise<boolean> =>
  logIn(world, world.admin, ADMIN.email, ADMIN.password);

async function logIn(
  { call, model }: World,
  holder: Holder,
  username: string,
  password: string,
  isRefreshable = false,
): Promise<boolean> {
  if (holder.token !== undefined) return true;
  const form = { username, password, ...(isRefreshable ? { scope: 'offline_access' } : {}) };
  const sent = await send(call, 'POST', '/login/access-token', { form });
  if (sent.kind === 'answered') take(holder, sent.body);
  if (sent.kind === 'refused') model.wrongAnswers.push(`login of ${username}: ${sent.status} ${sent.text}`);
  return holder.token !== undefined;
}

function take(holder: Holder, body: unknown): void {
  const { access_token, refresh_token } = granted.parse(body);
  holder.token = access_token;
  holder.refreshToken = refresh_token;
}

/** After a lost answer nobody uses the token again: a kill may last longer than it is taken once more. */
export async function refreshTokens({ call, model }: World, member: Member): Promise<boolean> {
  const { refreshToken } = member;
  if (refreshToken === undefined) return false;
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const sent = await send(call, 'POST', '/login/access-token', { form });
  if (sent.kind === 'answered') take(member, sent.body);
  else if (sent.kind !== 'unreached') member.refreshToken = undefined;
  if (sent.kind === 'refused')
    model.wrongAnswers.push(`refresh of ${member.tracked.key.value}: ${sent.status} ${sent.text}`);
  if (sent.kind === 'wrong') model.wrongAnswers.push(`refresh of ${member.tracked.key.value}: ${sent.why}`);
  return sent.kind === 'answered';
}
