import { Link } from '@tanstack/react-router';
import { Notice } from '#components/ui/notice.tsx';
import { paths } from '#paths.ts';
import { signIn } from '#texts/sign-in.ts';
import { linkLook, SignedOutPage } from './signed-out-page.tsx';

/** For a page that was opened without its link's token, or loaded again. */
export function BadLink({ title }: { title: string }) {
  return (
    <SignedOutPage title={title}>
      <Notice kind="warning">{signIn.noToken}</Notice>
      <Link to={paths.recoverPassword} className={linkLook}>
        {signIn.newLink}
      </Link>
    </SignedOutPage>
  );
}
