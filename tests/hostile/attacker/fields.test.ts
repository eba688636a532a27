import { BODY_LIMIT } from '@quartet/common/http/input/body.ts';
import { expect, test } from 'vitest';
import { fieldsOf, requestWith } from './fields.ts';

const others = { itemId: '0123456789abcdef01234567', email: 'a@example.com', password: 'password1' };
const text = (bytes: number) => 'é'.repeat(bytes / 2);

test('given the document, then fields of bodies, forms, queries and paths are found', () => {
  const names = fieldsOf().map(({ method, path, in: place, field }) => `${method} ${path} ${place} ${field}`);
  expect(names).toEqual(
    expect.arrayContaining([
      'POST /login/access-token form username',
      'POST /users/signup json email',
      'PATCH /items/{id} json description',
      'GET /items/{id} path id',
      'GET /items/ query skip',
      'POST /password-recovery/{email} path email',
    ]),
  );
});

test.each(fieldsOf())('given $field of $method $path, then it is filled within limits', (field) => {
  const [method, path, content] = requestWith(field, text, others);
  expect(method).toBe(field.method);
  expect(path).not.toContain('{');
  expect(path.length).toBeLessThan(16_000);
  expect(Buffer.byteLength(content ?? '')).toBeLessThanOrEqual(BODY_LIMIT);
  expect(Math.max(path.length, Buffer.byteLength(content ?? ''))).toBeGreaterThan(14_000);
});
