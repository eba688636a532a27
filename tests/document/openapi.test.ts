import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { api, byId, firstOperations, isFirst, operations, text } from './read-openapi.ts';

test('given the document, then a public validator finds it valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(text));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

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
