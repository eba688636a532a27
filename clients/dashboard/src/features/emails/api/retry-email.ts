import { EmailsService } from '@quartet/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '#lib/session.ts';

export function useRetryEmail() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(EmailsService.retryEmail, { path: { id } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['emails'] }),
  });
}
