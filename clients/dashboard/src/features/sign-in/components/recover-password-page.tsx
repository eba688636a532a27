import { LoginService } from '@quartet/client';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import * as z from 'zod/mini';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { fields } from '#lib/fields.ts';
import { call } from '#lib/session.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { paths } from '#paths.ts';
import { signIn } from '#texts/sign-in.ts';
import { linkLook, SignedOutPage } from './signed-out-page.tsx';

const schema = z.object({ email: fields.email });

export function RecoverPasswordPage() {
  const [isSent, setSent] = useState(false);
  const form = useApiForm({
    schema,
    defaultValues: { email: '' },
    async submit({ email }) {
      setSent(false);
      await call(LoginService.recoverPassword, { path: { email } });
      setSent(true);
    },
  });
  return (
    <SignedOutPage title={signIn.recover}>
      <p className="text-sm text-muted">{signIn.recoverHint}</p>
      {isSent && <Notice kind="good">{signIn.recoverySent}</Notice>}
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        <TextField label={signIn.email} type="email" autoComplete="username" {...form.field('email')} />
        <Button type="submit" kind="primary" className="w-full" isBusy={form.isSubmitting}>
          {signIn.sendLink}
        </Button>
      </Form>
      <Link to={paths.logIn} className={linkLook}>
        {signIn.backToLogIn}
      </Link>
    </SignedOutPage>
  );
}
