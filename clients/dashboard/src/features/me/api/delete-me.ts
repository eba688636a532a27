import { UsersService } from '@quartet/client';
import { useMutation } from '@tanstack/react-query';
import { call, logOut } from '#lib/session.ts';

export const useDeleteMe = () =>
  useMutation({
    async mutationFn() {
      await call(UsersService.deleteUserMe);
      // The API knows neither the user nor the session any more; this page is to forget them, too.
      await logOut();
    },
  });
