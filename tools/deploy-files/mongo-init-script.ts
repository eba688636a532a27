import {
  browserOf,
  owners,
  passwordSetting,
  roleOf,
  USERS_IN,
  userName,
  userOf,
} from '../database-users/definition.ts';

/** The container replaces this placeholder: only it knows the name of the database. */
const DATABASE = '<database>';

/** MongoDB's image runs this mongosh script on an empty volume; passwords are in the environment. */
export function mongoInitScript(): string {
  const users = owners.map((owner) => {
    const { pwd: _, ...user } = userOf(DATABASE, owner, '');
    return {
      name: userName(DATABASE, owner),
      role: roleOf(DATABASE, owner),
      user,
      password: passwordSetting(owner),
    };
  });
  const { pwd: _, ...browser } = browserOf(DATABASE, '');
  return `// A user for each service, with a role for its own collections.
const users = ${JSON.stringify(users, undefined, 2)};

const browser = ${JSON.stringify({ name: `${DATABASE}-browser`, user: browser, password: 'DATABASE_PASSWORD_BROWSER' }, undefined, 2)};
if (process.env[browser.password]) users.push(browser);

const admin = db.getSiblingDB('${USERS_IN}');
const named = JSON.stringify(users).replaceAll('${DATABASE}', process.env.DOCUMENTDB_DB || 'app');
for (const { name, role, user, password } of JSON.parse(named)) {
  const pwd = process.env[password];
  if (!pwd) throw new Error(\`\${password} is needed\`);
  if (role) {
    const hasRole = admin.runCommand({ rolesInfo: name }).roles.length > 0;
    admin.runCommand({ [hasRole ? 'updateRole' : 'createRole']: name, ...role });
  }
  const hasUser = admin.runCommand({ usersInfo: name }).users.length > 0;
  admin.runCommand({ [hasUser ? 'updateUser' : 'createUser']: name, pwd, ...user });
}
`;
}
