import { type AppError, badRequest, conflict, forbidden, notFound } from '@quartet/common/errors.ts';

export const wrongCredentials = (): AppError => badRequest('Incorrect email or password');
export const wrongPassword = (): AppError => badRequest('Incorrect password');
export const samePassword = (): AppError => badRequest('New password cannot be the same as the current one');
export const invalidRefreshToken = (): AppError => badRequest('Invalid refresh token');
export const originNotAllowed = (): AppError => forbidden('Origin not allowed');
export const unknownSession = (): AppError => notFound('Session not found');
export const emailNotVerified = (): AppError => badRequest('Email not verified');
export const invalidLink = (): AppError => badRequest('Invalid token');
export const emailTaken = (): AppError => conflict('User with this email already exists');
export const emailTakenAtSignup = (): AppError =>
  badRequest('The user with this email already exists in the system');
export const emailTakenAtCreation = (): AppError =>
  badRequest('The user with this email already exists in the system.');
export const unknownUser = (): AppError => notFound('The user with this id does not exist in the system');
export const deletesItself = (): AppError => forbidden('Super users are not allowed to delete themselves');
