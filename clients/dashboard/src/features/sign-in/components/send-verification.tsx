import { UsersService } from '@quartet/client';
import { useMutation } from '@tanstack/react-query';
import { Button } from '#components/ui/button.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { textOf } from '#lib/errors.ts';
import { call } from '#lib/session.ts';
import { signIn } from '#texts/sign-in.ts';

export function SendVerification({ email }: { email: string }) {
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => call(UsersService.sendVerificationEmail, { body: { email } }),
  });
  if (isSuccess) return <Notice kind="good">{signIn.linkSent}</Notice>;
  return (
    <>
      {error && <Notice kind="danger">{textOf(error)}</Notice>}
      <Button isBusy={isPending} onClick={() => mutate()}>
        {signIn.sendLinkAgain}
      </Button>
    </>
  );
}
