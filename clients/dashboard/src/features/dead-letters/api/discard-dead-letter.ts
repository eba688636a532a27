import { DeadLettersService } from '@quartet/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '#lib/session.ts';

export function useDiscardDeadLetter() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(DeadLettersService.discardDeadLetter, { path: { id } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['dead-letters'] }),
  });
}
