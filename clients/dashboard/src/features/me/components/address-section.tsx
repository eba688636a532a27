import type { UserPublic } from '@quartet/client';
import { useState } from 'react';
import * as z from 'zod/mini';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { Section } from '#components/ui/section.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { useCurrentUser } from '#lib/current-user.ts';
import { textOf } from '#lib/errors.ts';
import { fields } from '#lib/fields.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { meTexts } from '#texts/me.ts';
import { useSendVerification } from '../api/send-verification.ts';
import { updateMeDetails, useUpdateMe } from '../api/update-me.ts';

const schema = z.object({ email: fields.email });

export function AddressSection() {
  const user = useCurrentUser();
  const { mutateAsync } = useUpdateMe();
  const [before, setBefore] = useState<Pick<UserPublic, 'email' | 'is_verified'>>();
  const form = useApiForm({
    schema,
    defaultValues: { email: user.email },
    known: updateMeDetails,
    async submit({ email }): Promise<void> {
      if (email.toLowerCase() === user.email) {
        form.setError('email', { message: meTexts.sameAddress }, { shouldFocus: true });
        return;
      }
      const updated = await mutateAsync({ email });
      setBefore(user);
      form.reset({ email: updated.email });
    },
  });
  const status = (
    <div className="space-y-2">
      <p>{meTexts.addressHint}</p>
      <p className="flex flex-wrap items-center gap-2">
        <span className="wrap-anywhere text-text">{user.email}</span>
        <Badge kind={user.is_verified ? 'good' : 'warning'}>
          {user.is_verified ? meTexts.verified : meTexts.notVerified}
        </Badge>
      </p>
    </div>
  );
  return (
    <Section title={meTexts.address} hint={status}>
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        <TextField label={meTexts.newAddress} type="email" autoComplete="email" {...form.field('email')} />
        <Button type="submit" isBusy={form.isSubmitting} busyText={meTexts.saving}>
          {meTexts.changeAddress}
        </Button>
      </Form>
      <div className="mt-4 space-y-4">
        {before !== undefined && (
          <Notice kind="good">
            <div className="space-y-2">
              <p>{meTexts.addressChanged(user.email)}</p>
              {!user.is_verified && <p>{meTexts.verifyLink(user.email)}</p>}
              <p>{meTexts.undoLink(before.email)}</p>
              <p>{before.is_verified ? meTexts.undoAnyway : meTexts.undoUntilVerified}</p>
            </div>
          </Notice>
        )}
        {!user.is_verified && <SendLink email={user.email} />}
      </div>
    </Section>
  );
}

function SendLink({ email }: { email: string }) {
  const { mutate, isPending } = useSendVerification();
  const send = () =>
    mutate(email, {
      onSuccess: () => showToast({ text: meTexts.linkSent(email) }),
      onError: (err) => showToast({ text: textOf(err) }),
    });
  return (
    <div className="space-y-2 text-sm">
      <p className="text-muted">{meTexts.notVerifiedHint}</p>
      <Button isBusy={isPending} busyText={meTexts.sendingLink} onClick={send}>
        {meTexts.sendLink}
      </Button>
    </div>
  );
}
