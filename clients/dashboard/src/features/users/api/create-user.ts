import { UsersService } from '@quartet/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { KnownDetails } from '#lib/errors.ts';
import { call } from '#lib/session.ts';
import { usersTexts } from '#texts/users.ts';

export type Invitation = { email: string; fullName: string; isSuperuser: boolean };

export const createUserDetails: KnownDetails = {
  'The user with this email already exists in the system.': { field: 'email', text: usersTexts.taken },
};

/** Nobody ever sees it: the invitation's link sets the user's own. */
const randomPassword = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

export function useCreateUser() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ email, fullName, isSuperuser }: Invitation) =>
      call(UsersService.createUser, {
        body: {
          email,
          full_name: fullName.trim() === '' ? null : fullName,
          is_superuser: isSuperuser,
          password: randomPassword(),
        },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['users'] }),
  });
}
