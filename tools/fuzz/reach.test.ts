import { describe, expect, it } from 'vitest';
import type { Caller } from './arguments.ts';
import { judgeReach, mayEnter, operationsOf } from './reach.ts';

const token = [{ OAuth2PasswordBearer: [] }];
const operations = operationsOf({
  paths: {
    '/api/v1/users/': { get: { security: token }, post: { security: token } },
    '/api/v1/users/me': { get: { security: token }, delete: { security: token } },
    '/api/v1/users/signup': { post: { requestBody: {} } },
    '/api/v1/users/{user_id}': { get: { security: token }, put: { security: token } },
  },
});
const letIn = (caller: Caller) =>
  operations.filter((operation) => mayEnter(caller, operation)).map(({ name }) => name);

describe('the allowed callers', () => {
  it('are those of the contract', () => {
    expect(letIn('anonymous')).toEqual(['POST /users/signup']);
    expect(letIn('user')).toEqual([
      'GET /users/me',
      'DELETE /users/me',
      'POST /users/signup',
      'GET /users/{user_id}',
    ]);
    expect(letIn('superuser')).toEqual(
      operations.map(({ name }) => name).filter((name) => name !== 'DELETE /users/me'),
    );
  });
});

describe('a run', () => {
  const answered = (...statuses: Record<string, number>[]) =>
    operations.flatMap(({ method, path }, index) =>
      Object.entries(statuses[index] ?? {}).map(([status, count]) => ({
        method,
        path,
        status: Number(status),
        count,
      })),
    );
  const refused = { 401: 9 };

  it('is good when exactly the allowed operations succeeded', () => {
    const calls = answered(refused, refused, refused, refused, { 200: 1, 422: 2 }, refused, refused);
    expect(judgeReach('anonymous', operations, calls, 3)).toEqual({ reached: 1, problems: [] });
  });

  it('is invalid when its data never fit, its token was dead, or it made no call', () => {
    const calls = answered({ 403: 5 }, { 403: 5 }, { 403: 2, 404: 1 }, { 200: 3 }, { 422: 3, 400: 1 });
    expect(judgeReach('user', operations, calls, 3).problems).toEqual([
      'GET /users/me: never succeeded (2 times 403, 1 times 404)',
      'POST /users/signup: never succeeded (1 times 400, 3 times 422)',
      'GET /users/{user_id}: only 0 calls',
      'GET /users/{user_id}: never succeeded (not called)',
      'PUT /users/{user_id}: only 0 calls',
    ]);
  });

  it('is bad when a forbidden call succeeded', () => {
    const calls = answered({ 200: 1, 403: 4 }, refused, refused, refused, { 200: 3 }, refused, refused);
    expect(judgeReach('anonymous', operations, calls, 3).problems).toEqual([
      'GET /users/: let in (1 times 200, 4 times 403)',
    ]);
  });

  it('is bad when it stopped early, unless there is nothing to vary', () => {
    const plain = operationsOf({
      paths: { '/health': { get: {} }, '/login': { post: { requestBody: {} } } },
    });
    const calls = plain.map(({ method, path }) => ({ method, path, status: 200, count: 1 }));
    expect(judgeReach('anonymous', plain, calls, 2)).toEqual({
      reached: 2,
      problems: ['POST /login: only 1 calls'],
    });
  });

  it('does not count another method or path', () => {
    const calls = [{ method: 'PATCH', path: '/api/v1/users/signup', status: 200, count: 1 }];
    expect(judgeReach('anonymous', operations, calls, 3).reached).toBe(0);
  });
});
