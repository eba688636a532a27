import { standardSchemaResolver } from '@hookform/resolvers/standard-schema';
import { type DefaultValues, type FieldValues, type Path, useForm } from 'react-hook-form';
import type * as z from 'zod/mini';
import { type KnownDetails, problemsOf } from './errors.ts';

/**
 * A form whose `submit` calls the API. What the API refuses stands beside the field that it belongs to, or in
 * `generalError`; the first such field gets the focus.
 */
export function useApiForm<Values extends FieldValues>(options: {
  schema: z.ZodMiniType<Values, Values>;
  defaultValues: DefaultValues<Values>;
  submit: (values: Values) => Promise<unknown>;
  /** What the API may answer to it, by its `detail`. */
  known?: KnownDetails;
}) {
  const { schema, defaultValues, submit, known } = options;
  const form = useForm<Values>({
    resolver: standardSchemaResolver(schema),
    defaultValues,
    mode: 'onTouched',
  });
  const { errors, isSubmitting } = form.formState;

  const onSubmit = form.handleSubmit(async (values) => {
    try {
      await submit(values);
    } catch (err) {
      const { fields, general } = problemsOf(err, known);
      const strange: string[] = [];
      for (const [name, message] of Object.entries(fields)) {
        if (name in form.getValues()) form.setError(name as Path<Values>, { message }, { shouldFocus: true });
        else strange.push(message);
      }
      const message = general ?? (strange.length > 0 ? strange.join(' ') : undefined);
      if (message !== undefined) form.setError('root', { message });
    }
  });

  return {
    ...form,
    onSubmit,
    isSubmitting,
    generalError: errors.root?.message,
    /** What an input of the form needs: its registration and its error. */
    field: (name: Path<Values>) => {
      const message = errors[name]?.message;
      return { ...form.register(name), error: typeof message === 'string' ? message : undefined };
    },
  };
}
