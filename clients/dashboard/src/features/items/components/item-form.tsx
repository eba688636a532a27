import type { ReactNode } from 'react';
import * as z from 'zod/mini';
import { Button } from '#components/ui/button.tsx';
import { TextArea, TextField } from '#components/ui/field.tsx';
import { Form } from '#components/ui/form.tsx';
import { fields } from '#lib/fields.ts';
import { useApiForm } from '#lib/use-api-form.ts';
import { common } from '#texts/common.ts';
import { itemsTexts } from '#texts/items.ts';
import type { ItemTexts } from '../api/create-item.ts';

const schema = z.object({ title: fields.title, description: fields.description });

export function ItemForm({
  defaultValues,
  action,
  busyText,
  children,
  submit,
  onClose,
}: {
  defaultValues: ItemTexts;
  /** What the button says. */
  action: string;
  busyText: string;
  children?: ReactNode;
  submit: (texts: ItemTexts) => Promise<unknown>;
  onClose: () => void;
}) {
  const form = useApiForm({ schema, defaultValues, submit });
  return (
    <Form onSubmit={form.onSubmit} error={form.generalError}>
      {children}
      <TextField label={itemsTexts.itemTitle} autoComplete="off" {...form.field('title')} />
      <TextArea label={`${itemsTexts.description} (${itemsTexts.optional})`} {...form.field('description')} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" kind="primary" isBusy={form.isSubmitting} busyText={busyText}>
          {action}
        </Button>
      </div>
    </Form>
  );
}
