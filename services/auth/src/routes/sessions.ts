import { AppError, notAuthenticated, tooManyRequests } from '@quartet/common/errors.ts';
import { message } from '@quartet/common/http/routes/answers.ts';
import { Reply, type Route, route } from '@quartet/common/http/routes/route.ts';
import { userGone, userInactive } from '@quartet/common/tokens/access.ts';
import type { Limits } from '../limits/limits.ts';
import {
  emailNotVerified,
  invalidRefreshToken,
  originNotAllowed,
  unknownSession,
  wrongCredentials,
} from '../refusals.ts';
import { clearedCookie, readRefreshCookie, refreshCookie } from '../sessions/refresh-cookie.ts';
import type { Opened, Sessions } from '../sessions/sessions.ts';
import type { Accounts } from '../users/accounts.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { CheckLogin } from './log-in.ts';
import { contextOf, deviceOf, ownUser, userIdParam } from './request-helpers.ts';
import { sessionCreate, sessionsPublic, sessionToken, toSessionPublic } from './session-schemas.ts';

const ended = { message: 'Session ended' };
const othersEnded = { message: 'Other sessions ended' };
const allEnded = { message: 'Sessions ended' };

const sessionIdParam = {
  description: "The session's id",
  example: '65f1c0ffee15600d5eed0002',
  maxLength: 24,
};

export function sessionRoutes(parts: {
  store: UserStore;
  accounts: Accounts;
  sessions: Sessions;
  limits: Limits;
  checkLogin: CheckLogin;
  corsOrigins: readonly string[];
}): Route[] {
  const { store, accounts, sessions, limits, checkLogin } = parts;
  const allowedOrigins = new Set(parts.corsOrigins);

  const answer = (opened: Opened, ownOrigin: string): Reply => {
    const { accessToken, lifeSeconds, refreshToken } = opened;
    const body = { access_token: accessToken, token_type: 'bearer', expires_in: lifeSeconds };
    if (!refreshToken) throw new Error('a session of a browser has a refresh token');
    const cookie = refreshCookie(refreshToken.text, refreshToken.lifeSeconds, ownOrigin);
    return new Reply(body, { 'Set-Cookie': cookie });
  };

  async function listOf(user: User, currentId: string) {
    const { data, count } = await sessions.list(user, new Date());
    return { data: data.map((session) => toSessionPublic(session, currentId)), count };
  }

  async function existing(userId: string): Promise<User> {
    const user = await store.findById(userId);
    if (!user) throw userGone();
    return user;
  }

  return [
    route({
      method: 'POST',
      path: '/sessions/',
      access: 'anyone',
      operationId: 'sessions-create_session',
      summary: 'Log in from a browser',
      description:
        'Returns a short access token, and sets a refresh token as a cookie that no script can read and that is sent below `/api/v1/sessions` only.',
      body: sessionCreate,
      answer: { schema: sessionToken, headers: { 'Set-Cookie': 'The refresh token' } },
      refusals: [wrongCredentials, userInactive, emailNotVerified, tooManyRequests],
      async handler(request) {
        const { username, password } = request.body;
        const user = await checkLogin(request, username, password);
        const opened = await sessions.open(user, true, deviceOf(request), new Date());
        return answer(opened, request.ownOrigin);
      },
    }),
    route({
      method: 'POST',
      path: '/sessions/refresh',
      access: 'anyone',
      operationId: 'sessions-refresh_session',
      summary: 'Refresh the tokens of a browser',
      description:
        'Takes the cookie, and sets the next one. A token that was used up to 10 seconds ago is taken once more; later its session ends, because somebody else may have it. A page of another origin than the API’s own and those that CORS allows is refused.',
      answer: { schema: sessionToken, headers: { 'Set-Cookie': 'The next refresh token' } },
      refusals: [
        notAuthenticated,
        originNotAllowed,
        invalidRefreshToken,
        userInactive,
        emailNotVerified,
        tooManyRequests,
      ],
      async handler(request) {
        const { headers, ownOrigin, address } = request;
        const { origin } = headers;
        if (origin !== undefined && origin !== ownOrigin && !allowedOrigins.has(origin)) {
          throw originNotAllowed();
        }
        const text = readRefreshCookie(headers.cookie);
        if (text === undefined) throw notAuthenticated();
        try {
          const token = text === null ? undefined : sessions.read(text);
          await limits.refresh(token?.sessionId, address);
          if (!token) throw invalidRefreshToken();
          return answer(await sessions.refresh(token, deviceOf(request), contextOf(request)), ownOrigin);
        } catch (err) {
          throw isInvalidToken(err) ? clearing(err, ownOrigin) : err;
        }
      },
    }),
    route({
      method: 'GET',
      path: '/sessions/',
      access: 'user',
      operationId: 'sessions-read_sessions',
      summary: 'List own sessions',
      description: 'Where the caller is logged in: the last used session first, and none that has ended.',
      answer: { schema: sessionsPublic },
      async handler({ caller }) {
        return listOf(await ownUser(store, caller), caller.sessionId);
      },
    }),
    route({
      method: 'DELETE',
      path: '/sessions/',
      access: 'user',
      operationId: 'sessions-end_other_sessions',
      summary: 'End all other sessions',
      description: 'All but the calling one are dead at once, on every replica.',
      answer: { schema: message, example: othersEnded },
      async handler(request) {
        const { caller } = request;
        await accounts.endSessions(caller.userId, caller.sessionId, contextOf(request), caller);
        return othersEnded;
      },
    }),
    route({
      method: 'DELETE',
      path: '/sessions/{id}',
      access: 'user',
      operationId: 'sessions-end_session',
      summary: 'End a session',
      description: 'Its tokens are dead at once, on every replica. It may be the calling one.',
      params: { id: sessionIdParam },
      answer: { schema: message, example: ended },
      refusals: [unknownSession],
      async handler(request) {
        const user = await ownUser(store, request.caller);
        await sessions.endOne(user, request.params.id, contextOf(request));
        return ended;
      },
    }),
    route({
      method: 'GET',
      path: '/users/{user_id}/sessions',
      access: 'superuser',
      operationId: 'sessions-read_user_sessions',
      summary: "List a user's sessions",
      description: 'Where the user is logged in: the last used session first, and none that has ended.',
      params: { user_id: userIdParam },
      answer: { schema: sessionsPublic },
      async handler({ caller, params }) {
        return listOf(await existing(params.user_id), caller.sessionId);
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/{user_id}/sessions',
      access: 'superuser',
      operationId: 'sessions-end_user_sessions',
      summary: "End a user's sessions",
      description: 'All are dead at once, on every replica; of the own ones, the calling one lives on.',
      params: { user_id: userIdParam },
      answer: { schema: message, example: allEnded },
      async handler(request) {
        const { caller, params } = request;
        const isOwn = caller.userId === params.user_id;
        const except = isOwn ? caller.sessionId : null;
        await accounts.endSessions(params.user_id, except, contextOf(request), isOwn ? caller : undefined);
        return allEnded;
      },
    }),
  ];
}

const isInvalidToken = (err: unknown): err is AppError =>
  err instanceof AppError && err.message === invalidRefreshToken().message;

const clearing = ({ fault, detail }: AppError, ownOrigin: string): AppError =>
  new AppError(fault, detail, { 'Set-Cookie': clearedCookie(ownOrigin) });
