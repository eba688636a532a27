import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { fields } from '#lib/fields.ts';
import { logIn, whySignedOut } from '#lib/session.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { paths } from '#paths.ts';
import { signIn } from '#texts/sign-in.ts';
import { loginDetails, NOT_VERIFIED } from '../api/login-details.ts';
import { SendVerification } from './send-verification.tsx';
import { linkLook, SignedOutPage } from './signed-out-page.tsx';

const schema = z.object({ email: fields.email, password: fields.anyPassword });

export function LogInPage() {
  const { next } = useSearch({ from: paths.logIn });
  const navigate = useNavigate();
  const form = useApiForm({
    schema,
    defaultValues: { email: '', password: '' },
    known: loginDetails,
    async submit({ email, password }) {
      await logIn(email, password);
      await navigate({ href: next ?? paths.home, replace: true });
    },
  });
  const reason = whySignedOut();
  return (
    <SignedOutPage title={signIn.logIn}>
      {reason !== undefined && <Notice>{signIn.signedOut[reason]}</Notice>}
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        {form.generalError === NOT_VERIFIED && <SendVerification email={form.getValues('email')} />}
        <TextField label={signIn.email} type="email" autoComplete="username" {...form.field('email')} />
        <TextField
          label={signIn.password}
          type="password"
          autoComplete="current-password"
          {...form.field('password')}
        />
        <Button
          type="submit"
          kind="primary"
          className="w-full"
          isBusy={form.isSubmitting}
          busyText={signIn.loggingIn}
        >
          {signIn.logIn}
        </Button>
      </Form>
      <p className="text-sm">
        <Link to={paths.recoverPassword} className={linkLook}>
          {signIn.forgotPassword}
        </Link>
      </p>
      <p className="text-sm">
        {signIn.noAccount}{' '}
        <Link to={paths.signUp} className={linkLook}>
          {signIn.signUp}
        </Link>
      </p>
    </SignedOutPage>
  );
}
