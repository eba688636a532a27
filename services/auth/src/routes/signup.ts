import { badRequest } from '@quartet/common/errors.ts';
import { type Route, route } from '@quartet/common/http/route.ts';
import type { Accounts } from '../accounts.ts';
import { privateUserCreate, toUserPublic, userPublic, userRegister } from '../schemas.ts';
import { contextOf, orTaken } from './answers.ts';

const taken = () => badRequest('The user with this email already exists in the system');

/** Sign-up, and its twin for tests that sends no e-mail. */
export function signupRoutes({ accounts }: { accounts: Accounts }, options: { private: boolean }): Route[] {
  const signup = route({
    method: 'POST',
    path: '/users/signup',
    access: 'anyone',
    operationId: 'users-register_user',
    summary: 'Create own user',
    body: userRegister,
    answer: { schema: userPublic },
    async handler(request) {
      const fields = { ...request.body, is_active: true, is_superuser: false };
      return toUserPublic(await orTaken(accounts.create(fields, 'signup', contextOf(request)), taken));
    },
  });
  const createPrivately = route({
    method: 'POST',
    path: '/private/users',
    access: 'anyone',
    operationId: 'private-create_user',
    summary: 'Create a user without an e-mail (ENVIRONMENT=local only)',
    body: privateUserCreate,
    answer: { schema: userPublic },
    async handler(request) {
      const { email, password, full_name } = request.body;
      const fields = { email, password, full_name, is_active: true, is_superuser: false };
      return toUserPublic(await orTaken(accounts.create(fields, 'private', contextOf(request)), taken));
    },
  });
  return options.private ? [signup, createPrivately] : [signup];
}
