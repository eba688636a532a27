import { UsersService } from '@quartet/client';
import { useMutation } from '@tanstack/react-query';
import { call } from '#lib/session.ts';

export const useSendVerification = () =>
  useMutation({
    mutationFn: (email: string) => call(UsersService.sendVerificationEmail, { body: { email } }),
  });
