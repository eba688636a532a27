import * as z from 'zod/mini';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { Section } from '#components/ui/section.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { useCurrentUser } from '#lib/current-user.ts';
import { fields } from '#lib/fields.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { meTexts } from '#texts/me.ts';
import { changePasswordDetails, useChangePassword } from '../api/change-password.ts';

const schema = z.object({ current_password: fields.anyPassword, new_password: fields.password });

export function PasswordSection() {
  const { email } = useCurrentUser();
  const { mutateAsync } = useChangePassword();
  const form = useApiForm({
    schema,
    defaultValues: { current_password: '', new_password: '' },
    known: changePasswordDetails,
    async submit(values) {
      await mutateAsync(values);
      form.reset();
      showToast({ text: meTexts.passwordChanged });
    },
  });
  return (
    <Section title={meTexts.password} hint={meTexts.passwordHint}>
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        {/* A password manager stores the new one for this account. */}
        <input type="text" autoComplete="username" value={email} readOnly hidden />
        <TextField
          label={meTexts.currentPassword}
          type="password"
          autoComplete="current-password"
          {...form.field('current_password')}
        />
        <TextField
          label={meTexts.newPassword}
          type="password"
          autoComplete="new-password"
          hint={meTexts.newPasswordHint}
          {...form.field('new_password')}
        />
        <Button type="submit" isBusy={form.isSubmitting} busyText={meTexts.saving}>
          {meTexts.changePassword}
        </Button>
      </Form>
    </Section>
  );
}
