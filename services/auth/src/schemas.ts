import { email, password, text, unchangedIfNull } from '@quartet/common/http/fields.ts';
import * as z from 'zod';
import type { User } from './user-store.ts';

const fullName = text({ max: 255 }).nullish();
const newFullName = fullName.transform((name) => name ?? null);

export const userPublic = z.object({
  id: z.string(),
  email: z.string(),
  full_name: z.string().nullable(),
  is_active: z.boolean(),
  is_superuser: z.boolean(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

export type UserPublic = z.output<typeof userPublic>;

export const usersPublic = z.object({ data: z.array(userPublic), count: z.int() });

export const userRegister = z.object({ email: email(), password: password(), full_name: newFullName });

export const userCreate = z.object({
  email: email(),
  password: password(),
  is_active: z.boolean().default(true),
  is_superuser: z.boolean().default(false),
  full_name: newFullName,
});

export const privateUserCreate = z.object({
  email: email(),
  password: password(),
  full_name: text({ max: 255 }),
  is_verified: z.boolean().default(false),
});

export const userUpdateMe = z.object({ full_name: fullName, email: unchangedIfNull(email()) });

export const userUpdate = z.object({
  email: unchangedIfNull(email()),
  password: unchangedIfNull(password()),
  is_active: unchangedIfNull(z.boolean()),
  is_superuser: unchangedIfNull(z.boolean()),
  full_name: fullName,
});

export const updatePassword = z.object({ current_password: password(), new_password: password() });

export const newPassword = z.object({ token: text(), new_password: password() });

/** The OAuth2 password form (RFC 6749, 4.3); scope and client are taken and not used. */
export const loginForm = z.object({
  grant_type: text()
    .check(z.refine((value) => value === 'password', pattern('^password$')))
    .optional(),
  username: text(),
  password: text(),
  scope: text().optional(),
  client_id: text().optional(),
  client_secret: text().optional(),
});

export const token = z.object({ access_token: z.string(), token_type: z.literal('bearer') });

export const message = z.object({ message: z.string() });

export function toUserPublic(user: User): UserPublic {
  return {
    id: user._id.toHexString(),
    email: user.email,
    full_name: user.full_name,
    is_active: user.is_active,
    is_superuser: user.is_superuser,
    created_at: user.created_at.toISOString(),
    updated_at: user.updated_at.toISOString(),
  };
}

function pattern(expression: string) {
  const msg = `String should match pattern '${expression}'`;
  return { error: msg, params: { type: 'string_pattern_mismatch', msg, ctx: { pattern: expression } } };
}
