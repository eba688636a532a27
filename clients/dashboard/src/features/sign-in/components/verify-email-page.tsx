import { UsersService } from '@quartet/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Notice } from '#components/ui/notice.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { problemsOf } from '#lib/errors.ts';
import { linkToken } from '#lib/link-token.ts';
import { call } from '#lib/session.ts';
import { paths } from '#paths.ts';
import { signIn } from '#texts/sign-in.ts';
import { BadLink } from './bad-link.tsx';
import { linkLook, SignedOutPage } from './signed-out-page.tsx';

export function VerifyEmailPage() {
  return linkToken === undefined ? <BadLink title={signIn.verify} /> : <Verification token={linkToken} />;
}

const known = { 'Invalid token': { text: signIn.badToken } };

/** A query, as the same link may be used again: it goes on by itself when the API was away. */
function Verification({ token }: { token: string }) {
  const { data, error } = useQuery({
    queryKey: ['verification'],
    queryFn: ({ signal }) => call(UsersService.verifyEmail, { body: { token }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  return (
    <SignedOutPage title={signIn.verify}>
      {data ? (
        <Notice kind="good">{signIn.verified(data.email)}</Notice>
      ) : error ? (
        <Notice kind="danger">{problemsOf(error, known).general}</Notice>
      ) : (
        <div role="status" aria-label={signIn.verifying}>
          <Skeleton className="h-12" />
        </div>
      )}
      <Link to={paths.home} className={linkLook}>
        {signIn.logIn}
      </Link>
    </SignedOutPage>
  );
}
