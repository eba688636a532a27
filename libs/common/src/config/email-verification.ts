import * as z from 'zod';

const modes = ['off', 'optional', 'required'] as const;

/** `optional`: links go out and nothing is refused. `required`: nobody logs in before the address is verified. */
export type EmailVerification = (typeof modes)[number];

/** The setting of the services that send links or refuse logins. */
export const verificationFields = {
  EMAIL_VERIFICATION: z.enum(modes, { error: 'must be off, optional or required' }).default('off'),
};
