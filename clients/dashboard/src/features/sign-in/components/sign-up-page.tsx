import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import * as z from 'zod/mini';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { fields } from '#lib/fields.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { paths } from '#paths.ts';
import { signIn } from '#texts/sign-in.ts';
import { signUp, signUpDetails } from '../api/sign-up.ts';
import { linkLook, SignedOutPage } from './signed-out-page.tsx';

const schema = z.object({ email: fields.email, password: fields.password, fullName: fields.fullName });

export function SignUpPage() {
  const navigate = useNavigate();
  const [sentTo, setSentTo] = useState<string>();
  const form = useApiForm({
    schema,
    defaultValues: { email: '', password: '', fullName: '' },
    known: signUpDetails,
    async submit(values) {
      if (await signUp(values)) await navigate({ to: paths.items, replace: true });
      else setSentTo(values.email);
    },
  });
  if (sentTo !== undefined) return <CheckInbox email={sentTo} />;
  return (
    <SignedOutPage title={signIn.signUp}>
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        <TextField
          label={`${signIn.fullName} (${signIn.optional})`}
          autoComplete="name"
          {...form.field('fullName')}
        />
        <TextField label={signIn.email} type="email" autoComplete="username" {...form.field('email')} />
        <TextField
          label={signIn.password}
          type="password"
          autoComplete="new-password"
          hint={signIn.passwordHint}
          {...form.field('password')}
        />
        <Button
          type="submit"
          kind="primary"
          className="w-full"
          isBusy={form.isSubmitting}
          busyText={signIn.signingUp}
        >
          {signIn.signUp}
        </Button>
      </Form>
      <p className="text-sm">
        {signIn.hasAccount}{' '}
        <Link to={paths.logIn} className={linkLook}>
          {signIn.logIn}
        </Link>
      </p>
    </SignedOutPage>
  );
}

function CheckInbox({ email }: { email: string }) {
  return (
    <SignedOutPage key="check-inbox" title={signIn.checkInbox}>
      <p>{signIn.checkInboxHint(email)}</p>
      <Link to={paths.logIn} className={linkLook}>
        {signIn.backToLogIn}
      </Link>
    </SignedOutPage>
  );
}
