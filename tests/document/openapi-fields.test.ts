import { describe, expect, test } from 'vitest';
import { byId, firstOperations, schema } from './read-openapi.ts';

describe('given the fields in the document', () => {
  test.each([
    ['UserPublic', 'id email full_name is_active is_superuser is_verified created_at updated_at'.split(' ')],
    ['UsersPublic', ['data', 'count', 'next_cursor']],
    ['UserCreate', ['email', 'password']],
    ['UserRegister', ['email', 'password']],
    ['UserUpdate', []],
    ['UserUpdateMe', []],
    ['UpdatePassword', ['current_password', 'new_password']],
    ['NewPassword', ['token', 'new_password']],
    ['UndoEmailChange', ['token']],
    ['VerifyEmail', ['token']],
    ['VerificationEmail', ['email']],
    ['ItemPublic', ['id', 'title', 'description', 'owner_id', 'created_at', 'updated_at']],
    ['ItemCreate', ['title']],
    ['ItemUpdate', []],
    ['PrivateUserCreate', ['email', 'password', 'full_name']],
    ['Token', ['access_token', 'token_type', 'expires_in']],
    ['SessionToken', ['access_token', 'token_type', 'expires_in']],
    ['SessionCreate', ['username', 'password']],
    ['SessionPublic', 'id is_current created_at last_used_at expires_at user_agent ip_address'.split(' ')],
    ['SessionsPublic', ['data', 'count']],
    ['Message', ['message']],
    ['EmailPublic', 'id kind to subject status attempts last_error created_at updated_at sent_at'.split(' ')],
    ['EmailsPublic', ['data', 'count']],
    ['DeadLetterPublic', 'id consumer subject reason attempts event first_seen_at dead_at'.split(' ')],
    ['DeadLettersPublic', ['data', 'count']],
    ['HTTPValidationError', ['detail']],
    ['ValidationError', ['type', 'loc', 'msg', 'input']],
    ['Body_login-login_access_token', ['username', 'password']],
  ])('then %s requires the fields that the contract requires', (name, required) => {
    expect(schema(name).required.toSorted()).toEqual(required.toSorted());
  });

  test('then limits, defaults and formats are the contract’s', () => {
    expect(schema('UserCreate').properties).toMatchObject({
      email: { type: 'string', format: 'email', maxLength: 255 },
      password: { type: 'string', minLength: 8, maxLength: 128 },
      is_active: { type: 'boolean', default: true },
      is_superuser: { type: 'boolean', default: false },
      full_name: { anyOf: [{ type: 'string', maxLength: 255 }, { type: 'null' }] },
    });
    expect(schema('ItemCreate').properties.title).toMatchObject({ minLength: 1, maxLength: 255 });
    expect(schema('ItemUpdate').properties.title).toMatchObject({
      anyOf: [{ minLength: 1 }, { type: 'null' }],
    });
    expect(schema('UserPublic').properties).toMatchObject({
      email: { format: 'email' },
      created_at: { format: 'date-time' },
      full_name: { type: ['string', 'null'] },
    });
    expect(schema('Body_login-login_access_token').properties).toMatchObject({
      grant_type: { pattern: '^(password|refresh_token)?$' },
      password: { format: 'password' },
      scope: { default: '' },
    });
  });

  test('then parameters have their names, defaults and bounds', () => {
    const bounds = (name: string) => byId('users-read_users').parameters.find((each) => each.name === name);
    expect(bounds('skip')).toMatchObject({
      required: false,
      schema: { type: 'integer', default: 0, minimum: 0, maximum: 2_147_483_647 },
    });
    expect(bounds('limit')).toMatchObject({
      schema: { type: 'integer', default: 100, minimum: 1, maximum: 1000 },
    });
    expect(byId('utils-test_email').parameters).toMatchObject([
      { name: 'email_to', in: 'query', required: true, schema: { type: 'string', format: 'email' } },
    ]);
    expect(byId('emails-read_emails').parameters).toMatchObject([
      { name: 'status', required: false, schema: { enum: ['queued', 'sent', 'failed', 'cancelled'] } },
      { name: 'to', required: false, schema: { type: 'string' } },
      { name: 'skip' },
      { name: 'limit' },
    ]);
    expect(byId('dead-letters-read_dead_letters').parameters).toMatchObject([
      { name: 'consumer', required: false, schema: { type: 'string' } },
      { name: 'skip' },
      { name: 'limit' },
    ]);
    const inPath = firstOperations.flatMap(({ path, parameters }) =>
      parameters.filter((each) => each.in === 'path').map(({ name }) => [path.split('/')[3], name].join(' ')),
    );
    expect(new Set(inPath)).toEqual(
      new Set([
        'users user_id',
        'items id',
        'sessions id',
        'emails id',
        'dead-letters id',
        'password-recovery email',
        'password-recovery-html-content email',
      ]),
    );
  });
});
