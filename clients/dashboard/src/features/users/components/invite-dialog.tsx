import * as z from 'zod/mini';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Checkbox, TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { fields } from '#lib/fields.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { common } from '#texts/common.ts';
import { usersTexts } from '#texts/users.ts';
import { createUserDetails, useCreateUser } from '../api/create-user.ts';

const schema = z.object({ email: fields.email, fullName: fields.fullName, isSuperuser: z.boolean() });

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { mutateAsync: createUser } = useCreateUser();
  const form = useApiForm({
    schema,
    defaultValues: { email: '', fullName: '', isSuperuser: false },
    known: createUserDetails,
    async submit(values) {
      const { email } = await createUser(values);
      showToast({ text: usersTexts.invited(email) });
      onClose();
    },
  });
  return (
    <Dialog title={usersTexts.invite} onClose={onClose}>
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        <p className="text-muted text-sm">{usersTexts.inviteHint}</p>
        <TextField label={usersTexts.email} type="email" autoComplete="off" {...form.field('email')} />
        <TextField label={usersTexts.fullName} autoComplete="off" {...form.field('fullName')} />
        <Checkbox label={usersTexts.isSuperuser} {...form.register('isSuperuser')} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" kind="primary" isBusy={form.isSubmitting} busyText={usersTexts.inviting}>
            {usersTexts.invite}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
