import type { UserPublic } from '@quartet/client';
import * as z from 'zod/mini';
import { fields } from '#lib/fields.ts';

export const userForm = z.object({
  email: fields.email,
  fullName: fields.fullName,
  isSuperuser: z.boolean(),
});
export type UserForm = z.output<typeof userForm>;

export const formOf = (user: UserPublic): UserForm => ({
  email: user.email,
  fullName: user.full_name ?? '',
  isSuperuser: user.is_superuser,
});

export const changesOf = ({ email, fullName, isSuperuser }: UserForm) => ({
  email,
  full_name: fullName.trim() === '' ? null : fullName,
  is_superuser: isSuperuser,
});
