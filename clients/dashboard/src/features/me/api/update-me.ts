import { UsersService, type UserUpdateMe } from '@quartet/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { currentUserQuery } from '#lib/current-user.ts';
import type { KnownDetails } from '#lib/errors.ts';
import { call } from '#lib/session.ts';
import { meTexts } from '#texts/me.ts';

export const updateMeDetails: KnownDetails = {
  'User with this email already exists': { field: 'email', text: meTexts.taken },
};

export function useUpdateMe() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: UserUpdateMe) => call(UsersService.updateUserMe, { body }),
    onSuccess: (user) => client.setQueryData(currentUserQuery.queryKey, user),
  });
}
