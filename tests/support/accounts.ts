import { ADMIN, type Client, logIn } from './client.ts';

export type UserBody = {
  id: string;
  email: string;
  full_name: string | null;
  is_active: boolean;
  is_superuser: boolean;
  is_verified: boolean;
  created_at: string;
  updated_at: string;
};

export type Member = UserBody & { password: string; token: string };

export const PASSWORD = 'password1';

let made = 0;

export function newEmail(): string {
  made += 1;
  return `member-${made}@example.com`;
}

export async function signUp(auth: Client, email = newEmail(), password = PASSWORD): Promise<UserBody> {
  const { status, body, text } = await auth('POST', '/users/signup', { body: { email, password } });
  if (status !== 200) throw new Error(`sign-up answered ${status}: ${text}`);
  return body as UserBody;
}

export async function newMember(auth: Client, email = newEmail(), password = PASSWORD): Promise<Member> {
  const user = await signUp(auth, email, password);
  return { ...user, password, token: await logIn(auth, email, password) };
}

export const logInAdmin = (auth: Client): Promise<string> => logIn(auth, ADMIN.email, ADMIN.password);

export async function adminUpdates(
  auth: Client,
  admin: string,
  id: string,
  body: Record<string, unknown>,
): Promise<void> {
  const { status, text } = await auth('PATCH', `/users/${id}`, { token: admin, body });
  if (status !== 200) throw new Error(`update answered ${status}: ${text}`);
}
