import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { api, byId, operations, ownerOf, schema, text } from './read-openapi.ts';

test('given the document, then a public validator finds it valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(text));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

/** Services that `npm run new:service` makes have routes and schemas of their own. */
const FIRST: readonly string[] = ['gateway', 'auth', 'items', 'notifier'];
const isFirst = ({ path }: { path: string }) => FIRST.includes(ownerOf(path.slice('/api/v1'.length)));
const firstOperations = operations.filter(isFirst);

/** Returns the names of the schemas that are part of a value, directly or through others. */
function schemasIn(value: unknown, found = new Set<string>()): Set<string> {
  for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (!found.has(name)) schemasIn(api.components.schemas[name], found.add(name));
  }
  return found;
}

const ofFirst = schemasIn(firstOperations);
const ofLater = schemasIn(operations.filter((it) => !isFirst(it)));

/** The routes of docs/http-api.md with FastAPI's operation ids. */
const OPERATIONS = `
post /login/access-token login-login_access_token
post /login/test-token login-test_token
post /logout login-logout
post /password-recovery/{email} login-recover_password
post /reset-password/ login-reset_password
post /password-recovery-html-content/{email} login-recover_password_html_content
post /sessions/ sessions-create_session
post /sessions/refresh sessions-refresh_session
get /sessions/ sessions-read_sessions
delete /sessions/ sessions-end_other_sessions
delete /sessions/{id} sessions-end_session
get /users/{user_id}/sessions sessions-read_user_sessions
delete /users/{user_id}/sessions sessions-end_user_sessions
get /users/ users-read_users
post /users/ users-create_user
post /users/signup users-register_user
get /users/me users-read_user_me
patch /users/me users-update_user_me
put /users/me users-replace_user_me
delete /users/me users-delete_user_me
patch /users/me/password users-update_password_me
post /users/undo-email-change users-undo_email_change
post /users/verify-email users-verify_email
post /users/verification-email users-send_verification_email
get /users/{user_id} users-read_user_by_id
patch /users/{user_id} users-update_user
put /users/{user_id} users-replace_user
delete /users/{user_id} users-delete_user
get /items/ items-read_items
post /items/ items-create_item
get /items/{id} items-read_item
put /items/{id} items-update_item
patch /items/{id} items-patch_item
delete /items/{id} items-delete_item
get /utils/health-check/ utils-health_check
get /status/ utils-read_status
get /live live-read_events
post /live/tickets live-create_ticket
post /utils/test-email/ utils-test_email
post /private/users/ private-create_user
get /emails/ emails-read_emails
get /emails/{id} emails-read_email
post /emails/{id}/retry emails-retry_email
get /dead-letters/ dead-letters-read_dead_letters
get /dead-letters/{id} dead-letters-read_dead_letter
post /dead-letters/{id}/replay dead-letters-replay_dead_letter
delete /dead-letters/{id} dead-letters-discard_dead_letter
`;

describe('given the names in the document', () => {
  test('then every route of the contract has its path, method and operation id', () => {
    const found = firstOperations.map(
      ({ method, path, id }) => `${method} ${path.replace('/api/v1', '')} ${id}`,
    );
    expect(found.toSorted()).toEqual(OPERATIONS.trim().split('\n').toSorted());
  });

  test('then an operation has the one tag that its id begins with, and tags are described', () => {
    for (const { id, tags } of operations) expect(tags).toEqual([id.slice(0, id.lastIndexOf('-'))]);
    expect(new Set(api.tags.map(({ name }) => name))).toEqual(
      new Set(operations.flatMap(({ tags }) => tags)),
    );
  });

  test('then the schemas have the names of the contract, two more for errors and those of what goes beyond it', () => {
    const names = `UserPublic UsersPublic UserCreate UserRegister UserUpdate UserUpdateMe UpdatePassword NewPassword
      ItemPublic ItemsPublic ItemCreate ItemUpdate PrivateUserCreate Token Message HTTPValidationError ValidationError
      Body_login-login_access_token HTTPError InternalServerError EmailPublic EmailsPublic DeadLetterPublic
      DeadLettersPublic UndoEmailChange VerifyEmail VerificationEmail SessionCreate SessionToken SessionPublic SessionsPublic
      StatusPublic LiveTicket`;
    const found = Object.keys(api.components.schemas).filter(
      (name) => ofFirst.has(name) || !ofLater.has(name),
    );
    expect(found.toSorted()).toEqual(names.split(/\s+/).toSorted());
  });

  test('then bodies and answers refer to them', () => {
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const body = (id: string) => Object.values(byId(id).requestBody?.content ?? {})[0]?.schema;
    const answer = (id: string) => byId(id).responses[200]?.content['application/json']?.schema;
    expect(body('users-create_user')).toEqual(ref('UserCreate'));
    expect(body('users-register_user')).toEqual(ref('UserRegister'));
    expect(body('users-update_user')).toEqual(ref('UserUpdate'));
    expect(body('users-replace_user')).toEqual(ref('UserUpdate'));
    expect(body('users-update_user_me')).toEqual(ref('UserUpdateMe'));
    expect(body('users-update_password_me')).toEqual(ref('UpdatePassword'));
    expect(body('login-reset_password')).toEqual(ref('NewPassword'));
    expect(body('private-create_user')).toEqual(ref('PrivateUserCreate'));
    expect(body('items-create_item')).toEqual(ref('ItemCreate'));
    expect(body('items-patch_item')).toEqual(ref('ItemUpdate'));
    expect(byId('login-login_access_token').requestBody?.content).toHaveProperty(
      ['application/x-www-form-urlencoded', 'schema'],
      ref('Body_login-login_access_token'),
    );
    expect(answer('login-login_access_token')).toEqual(ref('Token'));
    expect(answer('users-read_users')).toEqual(ref('UsersPublic'));
    expect(answer('items-read_items')).toEqual(ref('ItemsPublic'));
    expect(answer('users-delete_user')).toEqual(ref('Message'));
    expect(answer('emails-read_emails')).toEqual(ref('EmailsPublic'));
    expect(answer('emails-read_email')).toEqual(ref('EmailPublic'));
    expect(answer('emails-retry_email')).toEqual(ref('Message'));
    expect(answer('dead-letters-read_dead_letters')).toEqual(ref('DeadLettersPublic'));
    expect(answer('dead-letters-read_dead_letter')).toEqual(ref('DeadLetterPublic'));
    expect(answer('dead-letters-discard_dead_letter')).toEqual(ref('Message'));
    expect(answer('utils-health_check')).toMatchObject({ type: 'boolean' });
    expect(byId('login-recover_password_html_content').responses[200]?.content).toHaveProperty('text/html');
    expect(byId('utils-test_email').responses).toHaveProperty('201');
  });
});

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

test('given the document, then the security scheme is FastAPI’s, on every operation that needs a token', () => {
  expect(api.components.securitySchemes).toEqual({
    OAuth2PasswordBearer: {
      type: 'oauth2',
      flows: { password: { scopes: {}, tokenUrl: '/api/v1/login/access-token' } },
    },
  });
  const open = firstOperations.filter(({ security }) => !security).map(({ id }) => id);
  expect(open.toSorted()).toEqual([
    'login-login_access_token',
    'login-recover_password',
    'login-reset_password',
    'private-create_user',
    'sessions-create_session',
    'sessions-refresh_session',
    'users-register_user',
    'users-send_verification_email',
    'users-undo_email_change',
    'users-verify_email',
    'utils-health_check',
  ]);
  for (const { security } of operations) {
    expect([undefined, [{ OAuth2PasswordBearer: [] }]]).toContainEqual(security);
  }
});
