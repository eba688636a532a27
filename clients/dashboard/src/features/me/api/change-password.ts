import { type UpdatePassword, UsersService } from '@quartet/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { KnownDetails } from '#lib/errors.ts';
import { call } from '#lib/session.ts';
import { meTexts } from '#texts/me.ts';
import { sessionsQuery } from './sessions.ts';

export const changePasswordDetails: KnownDetails = {
  'Incorrect password': { field: 'current_password', text: meTexts.wrongPassword },
  'New password cannot be the same as the current one': { field: 'new_password', text: meTexts.samePassword },
};

/** The other sessions end by it. */
export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: UpdatePassword) => call(UsersService.updatePasswordMe, { body }),
    onSuccess: () => client.invalidateQueries(sessionsQuery),
  });
}
