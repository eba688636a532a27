import { expect, test } from 'vitest';
import { createLog } from './logging.ts';

function logged(fields: object): string {
  const lines: string[] = [];
  createLog('auth', 'info', { write: (line) => void lines.push(line) }).info(fields, 'message');
  return lines.join('');
}

test('given fields, then one line of JSON has them and the process’s name', () => {
  expect(JSON.parse(logged({ user_id: '1' }))).toMatchObject({
    level: 30,
    name: 'auth',
    user_id: '1',
    msg: 'message',
  });
});

test.each([
  'password',
  'new_password',
  'current_password',
  'token',
  'access_token',
  'authorization',
  'hashed_password',
])('given a logged object with %s in it, then that field is blanked', (name) => {
  const line = logged({ [name]: 'hunter22', inner: { [name]: 'hunter22', kept: 'visible' } });
  expect(line).not.toContain('hunter22');
  expect(line).toContain('[redacted]');
  expect(line).toContain('visible');
});

test('given a level, then lower levels are not logged', () => {
  const lines: string[] = [];
  const log = createLog('auth', 'warn', { write: (line) => void lines.push(line) });
  log.info('no');
  log.warn('yes');
  expect(lines).toHaveLength(1);
});
