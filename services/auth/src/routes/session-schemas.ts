import { TYPED_MAX_LENGTH } from '@quartet/common/http/input/email-address.ts';
import { sought } from '@quartet/common/http/input/fields.ts';
import { countField, idField, timeField } from '@quartet/common/http/routes/answers.ts';
import * as z from 'zod';
import type { StoredSession } from '../sessions/stored-session.ts';

const tokenFields = {
  access_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.int().min(0).meta({ description: 'How many seconds the access token lives' }),
};
const tokenExample = { access_token: 'eyJhbGciOiJFUzI1NiIs...', token_type: 'bearer', expires_in: 900 };

export const token = z
  .object({
    ...tokenFields,
    refresh_token: z
      .string()
      .optional()
      .meta({ description: 'With `scope=offline_access`, and after a refresh: it works once' }),
  })
  .meta({ id: 'Token', examples: [{ ...tokenExample, expires_in: 691_200 }] });

export const sessionToken = z.object(tokenFields).meta({ id: 'SessionToken', examples: [tokenExample] });

export const sessionCreate = z
  .object({
    username: sought({ min: 1, max: TYPED_MAX_LENGTH }),
    password: sought({ min: 1, max: 255 }).meta({ format: 'password' }),
  })
  .meta({
    id: 'SessionCreate',
    examples: [{ username: 'ada@example.com', password: 'a long password' }],
  });

const sessionExample = {
  id: '65f1c0ffee15600d5eed0002',
  is_current: true,
  created_at: '2026-11-22T10:00:00.000Z',
  last_used_at: '2026-11-22T10:15:00.000Z',
  expires_at: '2026-12-22T10:15:00.000Z',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  ip_address: '203.0.113.9',
};

export const sessionPublic = z
  .object({
    id: idField,
    is_current: z.boolean().meta({ description: 'Whether the request came with a token of this session' }),
    created_at: timeField,
    last_used_at: timeField.meta({ description: 'When it logged in or refreshed its tokens last' }),
    expires_at: timeField,
    user_agent: z
      .string()
      .max(255)
      .nullable()
      .meta({ description: 'As the client named itself then, cut to 255 characters' }),
    ip_address: z.string().meta({ description: 'The address that it came from then' }),
  })
  .meta({ id: 'SessionPublic', examples: [sessionExample] });

export const sessionsPublic = z
  .object({ data: z.array(sessionPublic), count: countField })
  .meta({ id: 'SessionsPublic', examples: [{ data: [sessionExample], count: 1 }] });

export function toSessionPublic(session: StoredSession, currentId: string): z.output<typeof sessionPublic> {
  const id = session._id.toHexString();
  return {
    id,
    is_current: id === currentId,
    created_at: session.created_at.toISOString(),
    last_used_at: session.last_used_at.toISOString(),
    expires_at: session.expires_at.toISOString(),
    user_agent: session.user_agent,
    ip_address: session.ip_address,
  };
}
