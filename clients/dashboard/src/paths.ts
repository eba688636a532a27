/** Every page's address; the signed-out ones stand in e-mails too. */
export const paths = {
  home: '/',
  logIn: '/login',
  signUp: '/signup',
  recoverPassword: '/recover-password',
  resetPassword: '/reset-password',
  verifyEmail: '/verify-email',
  undoEmailChange: '/undo-email-change',
  items: '/items',
  me: '/me',
  administration: '/administration',
  users: '/administration/users',
  user: '/administration/users/$userId',
  emails: '/administration/emails',
  deadLetters: '/administration/dead-letters',
  events: '/administration/events',
} as const;
