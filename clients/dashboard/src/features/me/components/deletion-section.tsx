import { useState } from 'react';
import * as z from 'zod/mini';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { Section } from '#components/ui/section.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { useCurrentUser } from '#lib/current-user.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { common } from '#texts/common.ts';
import { meTexts } from '#texts/me.ts';
import { useDeleteMe } from '../api/delete-me.ts';

export function DeletionSection() {
  const { email, is_superuser } = useCurrentUser();
  const [isAsking, setAsking] = useState(false);
  return (
    <Section title={meTexts.deletion} hint={is_superuser ? undefined : meTexts.deletionHint}>
      {is_superuser ? (
        <p className="text-sm">{meTexts.superuserStays}</p>
      ) : (
        <Button kind="danger" onClick={() => setAsking(true)}>
          {meTexts.deleteAccount}
        </Button>
      )}
      {isAsking && <DeletionDialog email={email} onClose={() => setAsking(false)} />}
    </Section>
  );
}

function DeletionDialog({ email, onClose }: { email: string; onClose: () => void }) {
  const { mutateAsync } = useDeleteMe();
  const isTyped = z.refine<string>((text) => text.trim().toLowerCase() === email, meTexts.notYourAddress);
  const form = useApiForm({
    schema: z.object({ typed: z.string().check(isTyped) }),
    defaultValues: { typed: '' },
    async submit() {
      await mutateAsync();
      showToast({ text: meTexts.accountDeleted });
    },
  });
  return (
    <Dialog title={meTexts.deleteQuestion} onClose={onClose}>
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        <p>{meTexts.deleteWarning}</p>
        <TextField label={meTexts.typeAddress(email)} autoComplete="off" {...form.field('typed')} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" kind="danger" isBusy={form.isSubmitting} busyText={meTexts.deleting}>
            {meTexts.deleteAccount}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
