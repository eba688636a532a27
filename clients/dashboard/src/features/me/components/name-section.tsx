import * as z from 'zod/mini';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { Section } from '#components/ui/section.tsx';
import { showToast } from '#components/ui/toast.tsx';
import { useCurrentUser } from '#lib/current-user.ts';
import { fields } from '#lib/fields.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { common } from '#texts/common.ts';
import { meTexts } from '#texts/me.ts';
import { useUpdateMe } from '../api/update-me.ts';

const schema = z.object({ full_name: fields.fullName });

export function NameSection() {
  const { full_name } = useCurrentUser();
  const { mutateAsync } = useUpdateMe();
  const form = useApiForm({
    schema,
    defaultValues: { full_name: full_name ?? '' },
    async submit(values) {
      await mutateAsync({ full_name: values.full_name.trim() || null });
      showToast({ text: meTexts.nameSaved });
    },
  });
  return (
    <Section title={meTexts.profile} hint={meTexts.profileHint}>
      <Form onSubmit={form.onSubmit} error={form.generalError}>
        <TextField label={meTexts.fullName} autoComplete="name" {...form.field('full_name')} />
        <Button type="submit" isBusy={form.isSubmitting} busyText={meTexts.saving}>
          {common.save}
        </Button>
      </Form>
    </Section>
  );
}
