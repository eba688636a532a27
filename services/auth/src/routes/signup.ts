import { tooManyRequests } from '@quartet/common/errors.ts';
import { type Route, route } from '@quartet/common/http/routes/route.ts';
import type { Limits } from '../limits/limits.ts';
import { emailTakenAtSignup } from '../refusals.ts';
import { privateUserCreate, userRegister } from '../schemas.ts';
import type { Accounts } from '../users/accounts.ts';
import { answerOf, contextOf, orTaken, turnOf, userAnswer } from './request-helpers.ts';

export function signupRoutes(
  { accounts, limits }: { accounts: Accounts; limits: Limits },
  options: { private: boolean },
): Route[] {
  const signup = route({
    method: 'POST',
    path: '/users/signup',
    access: 'anyone',
    operationId: 'users-register_user',
    summary: 'Sign up',
    description: 'Creates an own user, who can log in at once. A welcome is sent by e-mail.',
    body: userRegister,
    answer: userAnswer,
    refusals: [emailTakenAtSignup, tooManyRequests],
    async handler(request) {
      await limits.signUp(request.address);
      const fields = { ...request.body, is_active: true, is_superuser: false };
      const creating = accounts.create(fields, 'signup', contextOf(request), turnOf(request, fields.email));
      return answerOf(await orTaken(creating, emailTakenAtSignup));
    },
  });
  const createPrivately = route({
    method: 'POST',
    path: '/private/users/',
    access: 'anyone',
    operationId: 'private-create_user',
    summary: 'Create a user without an e-mail',
    description: 'For tests; there only with `ENVIRONMENT=local`.',
    body: privateUserCreate,
    answer: userAnswer,
    refusals: [emailTakenAtSignup, tooManyRequests],
    async handler(request) {
      await limits.signUp(request.address);
      const { email } = request.body;
      const fields = { ...request.body, is_active: true, is_superuser: false };
      const creating = accounts.create(fields, 'private', contextOf(request), turnOf(request, email));
      return answerOf(await orTaken(creating, emailTakenAtSignup));
    },
  });
  return options.private ? [signup, createPrivately] : [signup];
}
