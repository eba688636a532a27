import type { KnownDetails } from '#lib/errors.ts';
import { signIn } from '#texts/sign-in.ts';

export const NOT_VERIFIED = signIn.notVerified;

/** What a login may be refused with. */
export const loginDetails: KnownDetails = {
  'Incorrect email or password': { text: signIn.wrongPassword },
  'Inactive user': { text: signIn.inactive },
  'Email not verified': { text: NOT_VERIFIED },
};
