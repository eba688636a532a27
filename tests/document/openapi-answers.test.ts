import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { closed } from '../support/closed-schemas.ts';
import { api, operations } from './read-openapi.ts';

describe('given the answers of the document', () => {
  test.each(operations.map((it) => [it.id, it] as const))(
    'then %s declares the answers of its checks',
    (_id, it) => {
      const statuses = Object.keys(it.responses);
      expect(statuses).toEqual(expect.arrayContaining(['413', '500']));
      if (it.security) expect(statuses).toEqual(expect.arrayContaining(['400', '401', '403', '404']));
      // The gateway's own routes answer whatever is away.
      const isOwn = ['utils-health_check', 'utils-read_status'].includes(it.id);
      expect(statuses.includes('503')).toBe(!isOwn);
      if (it.requestBody) expect(statuses).toContain('422');
      if (it.security) expect(it.responses[401]?.headers).toHaveProperty('WWW-Authenticate');
    },
  );

  test('then 429 is declared, with Retry-After, where a limit may refuse', () => {
    const limited = operations.filter(({ responses }) => responses[429]);
    expect(limited.map(({ id }) => id).toSorted()).toEqual([
      'live-create_ticket',
      'live-read_events',
      'login-login_access_token',
      'login-recover_password',
      'private-create_user',
      'sessions-create_session',
      'sessions-refresh_session',
      'users-register_user',
      'users-replace_user_me',
      'users-send_verification_email',
      'users-undo_email_change',
      'users-update_password_me',
      'users-update_user_me',
    ]);
    for (const { responses } of limited) {
      expect(responses[429]?.headers).toHaveProperty('Retry-After');
      const [example] = Object.values(responses[429]?.content['application/json']?.examples ?? {});
      expect(example?.value).toEqual({ detail: 'Too many requests' });
    }
  });

  test('then a conflict is declared where an address may be taken, or an e-mail has not failed', () => {
    const conflicting = operations.filter(({ responses }) => responses[409]).map(({ id }) => id);
    expect(conflicting.toSorted()).toEqual([
      'emails-retry_email',
      'users-replace_user',
      'users-replace_user_me',
      'users-undo_email_change',
      'users-update_user',
      'users-update_user_me',
    ]);
  });
});

describe('given the examples of the document', () => {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addFormat('password', true);
  ajv.addSchema({ $id: 'api', components: closed(api.components) });
  const fits = (described: unknown, value: unknown) => {
    const text = JSON.stringify(closed(described)).replaceAll('"#/components', '"api#/components');
    return ajv.validate(JSON.parse(text), value) || ajv.errorsText();
  };

  test.each(operations.map((it) => [it.id, it] as const))('then %s has some that fit', (_id, it) => {
    const bodies = [it.requestBody, ...Object.values(it.responses)].filter((each) => each !== undefined);
    for (const { schema: described, example, examples } of bodies.flatMap((each) =>
      Object.values(each.content),
    )) {
      const values = examples ? Object.values(examples).map(({ value }) => value) : [example];
      for (const value of values) {
        expect(value).toBeDefined();
        expect(fits(described, value)).toBe(true);
      }
    }
    for (const { name, example, schema: described } of it.parameters) {
      if ('default' in described) continue;
      const value = example ?? z.array(z.unknown()).parse(described.examples)[0];
      expect(value, name).toBeDefined();
      expect(fits(described, value)).toBe(true);
    }
  });
});
