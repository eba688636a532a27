import { UsersService } from '@quartet/client';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from '#components/ui/button.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { problemsOf } from '#lib/errors.ts';
import { linkToken } from '#lib/link-token.ts';
import { call } from '#lib/session.ts';
import { paths } from '#paths.ts';
import { signIn } from '#texts/sign-in.ts';
import { BadLink } from './bad-link.tsx';
import { linkLook, SignedOutPage } from './signed-out-page.tsx';

export function UndoEmailChangePage() {
  return linkToken === undefined ? <BadLink title={signIn.undo} /> : <Undo token={linkToken} />;
}

const known = {
  'Invalid token': { text: signIn.badToken },
  'User with this email already exists': { text: signIn.oldAddressTaken },
};

/** It ends all sessions, so it waits for a press. */
function Undo({ token }: { token: string }) {
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () => call(UsersService.undoEmailChange, { body: { token } }),
  });
  return (
    <SignedOutPage title={signIn.undo}>
      {data ? (
        <Notice kind="good">{signIn.undone(data.email)}</Notice>
      ) : (
        <>
          <p>{signIn.undoHint}</p>
          {error && <Notice kind="danger">{problemsOf(error, known).general}</Notice>}
          <Button kind="primary" className="w-full" isBusy={isPending} onClick={() => mutate()}>
            {signIn.undoNow}
          </Button>
        </>
      )}
      <Link to={paths.logIn} className={linkLook}>
        {signIn.backToLogIn}
      </Link>
    </SignedOutPage>
  );
}
