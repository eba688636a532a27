import { QuartetError, UsersService } from '@quartet/client';
import type { KnownDetails } from '#lib/errors.ts';
import { call, logIn } from '#lib/session.ts';
import { signIn } from '#texts/sign-in.ts';

export type SignUp = { email: string; password: string; fullName: string };

export const signUpDetails: KnownDetails = {
  'The user with this email already exists in the system': { field: 'email', text: signIn.taken },
};

/** Returns whether the new user is logged in, too; where addresses must be verified, that comes later. */
export async function signUp({ email, password, fullName }: SignUp): Promise<boolean> {
  const full_name = fullName.trim() === '' ? null : fullName;
  await call(UsersService.registerUser, { body: { email, password, full_name } });
  try {
    await logIn(email, password);
    return true;
  } catch (err) {
    if (err instanceof QuartetError) return false;
    throw err;
  }
}
