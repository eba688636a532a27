import { email, TYPED_MAX_LENGTH } from '@quartet/common/http/input/email-address.ts';
import { password, queryFlag, sought, text, unchangedIfNull } from '@quartet/common/http/input/fields.ts';
import { countField, idField, timeField } from '@quartet/common/http/routes/answers.ts';
import { listQuery, nextCursorField } from '@quartet/common/lists/list-query.ts';
import * as z from 'zod';
import type { User } from './users/user.ts';
import { isVerified } from './users/verified.ts';

const fullName = text({ max: 255 }).nullish();
const newFullName = fullName.transform((name) => name ?? null);

const registered = { email: 'ada@example.com', password: 'a long password', full_name: 'Ada Lovelace' };
const example = {
  id: '65f1c0ffee15600d5eed0001',
  email: registered.email,
  full_name: registered.full_name,
  is_active: true,
  is_superuser: false,
  is_verified: true,
  created_at: '2026-11-22T10:00:00.000Z',
  updated_at: '2026-11-22T10:00:00.000Z',
};

export const userPublic = z
  .object({
    id: idField,
    email: z.string().meta({ format: 'email' }),
    full_name: z.string().nullable(),
    is_active: z.boolean(),
    is_superuser: z.boolean(),
    is_verified: z.boolean().meta({ description: 'Whether somebody has proven that the address is theirs' }),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'UserPublic', examples: [example] });

export type UserPublic = z.output<typeof userPublic>;

export const usersPublic = z
  .object({ data: z.array(userPublic), count: countField, next_cursor: nextCursorField })
  .meta({ id: 'UsersPublic', examples: [{ data: [example], count: 1, next_cursor: null }] });

const sorts = ['-created_at', 'created_at', '-updated_at', 'updated_at', 'email', '-email'] as const;

const only = (description: string) => queryFlag().meta({ description, example: true });

export const userQuery = listQuery(sorts, {
  searched: 'the address or the name',
  example: 'ada',
  filters: {
    is_active: only('Only users who are active, or only those who are not'),
    is_superuser: only('Only superusers, or only ordinary users'),
    is_verified: only('Only users whose address is proven, or only those whose address is not'),
  },
});

export const userRegister = z
  .object({ email: email(), password: password(), full_name: newFullName })
  .meta({ id: 'UserRegister', examples: [registered] });

export const userCreate = z
  .object({
    email: email(),
    password: password(),
    is_active: z.boolean().default(true),
    is_superuser: z.boolean().default(false),
    full_name: newFullName,
  })
  .meta({ id: 'UserCreate', examples: [{ ...registered, is_superuser: true }] });

export const privateUserCreate = z
  .object({
    email: email(),
    password: password(),
    full_name: text({ max: 255 }),
    is_verified: z.boolean().default(false),
  })
  .meta({ id: 'PrivateUserCreate', examples: [registered] });

export const userUpdateMe = z
  .object({ full_name: fullName, email: unchangedIfNull(email()) })
  .meta({ id: 'UserUpdateMe', examples: [{ full_name: 'Ada King' }] });

export const userUpdate = z
  .object({
    email: unchangedIfNull(email()),
    password: unchangedIfNull(password()),
    is_active: unchangedIfNull(z.boolean()),
    is_superuser: unchangedIfNull(z.boolean()),
    full_name: fullName,
  })
  .meta({ id: 'UserUpdate', examples: [{ is_active: false }] });

export const updatePassword = z.object({ current_password: password(), new_password: password() }).meta({
  id: 'UpdatePassword',
  examples: [{ current_password: registered.password, new_password: 'a longer password' }],
});

export const newPassword = z.object({ token: sought({ max: 2_048 }), new_password: password() }).meta({
  id: 'NewPassword',
  examples: [{ token: 'as it stands in the link', new_password: 'a longer password' }],
});

export const undoEmailChange = z
  .object({ token: sought({ max: 2_048 }) })
  .meta({ id: 'UndoEmailChange', examples: [{ token: 'as it stands in the link' }] });

export const verifyEmail = z
  .object({ token: sought({ max: 2_048 }) })
  .meta({ id: 'VerifyEmail', examples: [{ token: 'as it stands in the link' }] });

/** As at a recovery, what is no address gets the same answer. */
export const verificationEmail = z
  .object({ email: sought({ max: TYPED_MAX_LENGTH }) })
  .meta({ id: 'VerificationEmail', examples: [{ email: registered.email }] });

const GRANT_TYPE = '^password$';
const grants = ['password', 'refresh_token'];

/** RFC 6749, 4.3 and 6 define this form; the client is not used. */
export const loginForm = z
  .object({
    grant_type: sought({ max: 255 })
      // An empty field of a form counts as absent.
      .meta({ pattern: '^(password|refresh_token)?$' })
      .check(z.refine((value) => grants.includes(value), pattern(GRANT_TYPE)))
      .optional(),
    username: sought({ min: 1, max: TYPED_MAX_LENGTH }).optional(),
    password: sought({ min: 1, max: 255 }).meta({ format: 'password' }).optional(),
    scope: sought({ max: 255 }).default(''),
    client_id: sought({ max: 255 }).optional(),
    client_secret: sought({ max: 255 }).meta({ format: 'password' }).optional(),
    refresh_token: sought({ max: 255 }).optional(),
  })
  .check(neededFields())
  .meta({
    id: 'Body_login-login_access_token',
    // A client that was generated from the template's document sends these two.
    required: ['username', 'password'],
    examples: [{ grant_type: 'password', username: registered.email, password: registered.password }],
  });

type LoginForm = { [K in 'grant_type' | 'username' | 'password' | 'refresh_token']?: string | undefined };

export const isRefresh = ({ grant_type }: LoginForm): boolean => grant_type === 'refresh_token';

/** The grant decides which fields are needed. It is checked beside other faults, so that an answer has all of them. */
function neededFields() {
  const check = z.core._check(
    (ctx: z.core.ParsePayload<LoginForm>) => {
      const needed = isRefresh(ctx.value)
        ? (['refresh_token'] as const)
        : (['username', 'password'] as const);
      for (const name of needed) {
        const isFaulty = ctx.issues.some(({ path }) => path?.[0] === name);
        if (ctx.value[name] !== undefined || isFaulty) continue;
        ctx.issues.push({ code: 'invalid_type', expected: 'string', input: undefined, path: [name] });
      }
    },
    { when: () => true },
  );
  return check;
}

export function toUserPublic(user: User): UserPublic {
  return {
    id: user._id.toHexString(),
    email: user.email,
    full_name: user.full_name,
    is_active: user.is_active,
    is_superuser: user.is_superuser,
    is_verified: isVerified(user),
    created_at: user.created_at.toISOString(),
    updated_at: user.updated_at.toISOString(),
  };
}

function pattern(expression: string) {
  const msg = `String should match pattern '${expression}'`;
  return { error: msg, params: { type: 'string_pattern_mismatch', msg, ctx: { pattern: expression } } };
}
