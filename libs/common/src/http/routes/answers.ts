import * as z from 'zod';

/** Every service gives these answers; each `id` is the name in the API's document. */

export const message = z
  .object({ message: z.string() })
  .meta({ id: 'Message', examples: [{ message: 'Done' }] });

export const idField = z.string().meta({ pattern: '^[0-9a-f]{24}$', examples: ['65f1c0ffee15600d5eed0001'] });

export const timeField = z.iso.datetime().meta({ examples: ['2026-11-22T10:00:00.000Z'] });

export const countField = z.int().min(0).meta({ description: 'All that match, not only this page' });

/** Every refusal but a 422 has this shape. */
export const httpError = z
  .object({ detail: z.string() })
  .meta({ id: 'HTTPError', examples: [{ detail: 'Not Found' }] });

export const internalServerError = z
  .object({
    detail: z.literal('Internal Server Error'),
    request_id: z.string().meta({ description: 'Under this id the cause is in the logs' }),
  })
  .meta({
    id: 'InternalServerError',
    examples: [{ detail: 'Internal Server Error', request_id: '3f0e9c1e-5a70-4a53-8f6b-0d8a3c1f2b6d' }],
  });

const validationError = z
  .object({
    type: z.string().meta({ description: 'The kind of rule that is broken, as pydantic names it' }),
    loc: z
      .array(z.union([z.string(), z.int()]))
      .meta({ description: 'Where: `body` or `query`, then the field' }),
    msg: z.string().meta({ description: 'What is wrong, in words' }),
    input: z.unknown().meta({ description: 'The value as it was sent; passwords and tokens are blanked' }),
    ctx: z.record(z.string(), z.unknown()).optional().meta({ description: "The rule's own figures" }),
  })
  .meta({ id: 'ValidationError' });

export const httpValidationError = z.object({ detail: z.array(validationError) }).meta({
  id: 'HTTPValidationError',
  examples: [
    {
      detail: [
        {
          type: 'greater_than_equal',
          loc: ['query', 'limit'],
          msg: 'Input should be greater than or equal to 1',
          input: '0',
          ctx: { ge: 1 },
        },
      ],
    },
  ],
});
