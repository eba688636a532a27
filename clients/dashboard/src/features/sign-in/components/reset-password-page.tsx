import { LoginService } from '@quartet/client';
import { Link, useNavigate } from '@tanstack/react-router';
import * as z from 'zod/mini';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { fields } from '#lib/fields.ts';
import { linkToken } from '#lib/link-token.ts';
import { call } from '#lib/session.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { paths } from '#paths.ts';
import { signIn } from '#texts/sign-in.ts';
import { BadLink } from './bad-link.tsx';
import { linkLook, SignedOutPage } from './signed-out-page.tsx';

export function ResetPasswordPage() {
  return linkToken === undefined ? <BadLink title={signIn.setPassword} /> : <SetPassword token={linkToken} />;
}

const schema = z.object({ new_password: fields.password });

const known = {
  'Invalid token': { text: signIn.badToken },
  'Inactive user': { text: signIn.inactive },
};

function SetPassword({ token }: { token: string }) {
  const navigate = useNavigate();
  const form = useApiForm({
    schema,
    defaultValues: { new_password: '' },
    known,
    async submit({ new_password }) {
      await call(LoginService.resetPassword, { body: { token, new_password } });
      showToast({ text: signIn.passwordSet });
      await navigate({ to: paths.logIn, replace: true });
    },
  });
  return (
    <SignedOutPage title={signIn.setPassword}>
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        <TextField
          label={signIn.newPassword}
          type="password"
          autoComplete="new-password"
          hint={signIn.passwordHint}
          {...form.field('new_password')}
        />
        <Button
          type="submit"
          kind="primary"
          className="w-full"
          isBusy={form.isSubmitting}
          busyText={signIn.settingPassword}
        >
          {signIn.setPassword}
        </Button>
      </Form>
      {form.generalError === signIn.badToken && (
        <Link to={paths.recoverPassword} className={linkLook}>
          {signIn.newLink}
        </Link>
      )}
    </SignedOutPage>
  );
}
