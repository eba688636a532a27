import { QuartetError, type UserPublic } from '@quartet/client';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Checkbox, TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { showToast } from '#components/ui/toast.tsx';
import type { Revised } from '#lib/revised.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { usersTexts } from '#texts/users.ts';
import { readUser } from '../api/read-user.ts';
import { updateUserDetails, useUpdateUser } from '../api/update-user.ts';
import { changesOf, formOf, type UserForm, userForm } from '../user-form.ts';
import { ChangedMeanwhile } from './changed-meanwhile.tsx';

type Conflict = { mine: UserForm; theirs: Revised<UserPublic> };

/** What was loaded at first is what is edited: later answers do not change a form under one's hands. */
export function EditUser({ user: loaded, isSelf }: { user: Revised<UserPublic>; isSelf: boolean }) {
  const [base, setBase] = useState(loaded);
  const [conflict, setConflict] = useState<Conflict>();
  const { id } = base.value;
  const { mutateAsync: update } = useUpdateUser(id);

  async function save(values: UserForm, { etag }: Revised<UserPublic>): Promise<void> {
    try {
      const saved = await update({ changes: changesOf(values), etag });
      start(saved);
      showToast({ text: usersTexts.saved });
    } catch (err) {
      if (!(err instanceof QuartetError) || err.status !== 412) throw err;
      const theirs = await readUser(id);
      setConflict({ mine: values, theirs });
    }
  }
  function start(user: Revised<UserPublic>): void {
    setBase(user);
    setConflict(undefined);
    form.reset(formOf(user.value));
  }
  const form = useApiForm({
    schema: userForm,
    defaultValues: formOf(base.value),
    known: updateUserDetails,
    submit: (values) => save(values, base),
  });

  return (
    <>
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={usersTexts.email} type="email" autoComplete="off" {...form.field('email')} />
          <TextField label={usersTexts.fullName} autoComplete="off" {...form.field('fullName')} />
        </div>
        <Checkbox label={usersTexts.isSuperuser} disabled={isSelf} {...form.register('isSuperuser')} />
        <Button type="submit" kind="primary" isBusy={form.isSubmitting} busyText={usersTexts.saving}>
          {usersTexts.save}
        </Button>
      </Form>
      {conflict && (
        <ChangedMeanwhile
          mine={conflict.mine}
          theirs={formOf(conflict.theirs.value)}
          onKeepMine={() => save(conflict.mine, conflict.theirs)}
          onTakeTheirs={() => start(conflict.theirs)}
          onClose={() => setConflict(undefined)}
        />
      )}
    </>
  );
}
