import { namesIn } from '@quartet/common/events/broker/names.ts';
import { settingName } from '@quartet/common/service/description.ts';
import { type BrokerUser, brokerUsers, permissionsOf } from './permissions.ts';

export const ADMIN = 'admin';
export const allBrokerUsers = [...brokerUsers, ADMIN] as const;

/** A password is plain text, or `$NAME` when the broker takes it from its environment. */
export type BrokerPasswords = Record<BrokerUser | typeof ADMIN, string>;

export function authorizationBlock(passwords: BrokerPasswords, namespace: string | undefined): string {
  const names = namesIn(namespace);
  const services = brokerUsers.map((user) => {
    const { publish, subscribe } = permissionsOf(user, names);
    return `    {
      user: ${user}, password: ${passwordValue(passwords[user])}
      permissions {
        publish { allow: ${listValue(publish)} }
        subscribe { allow: ${listValue(subscribe)} }
      }
    }`;
  });
  const admin = `    { user: ${ADMIN}, password: ${passwordValue(passwords[ADMIN])} }`;
  return `authorization {
  users: [
${[...services, admin].join('\n')}
  ]
}
`;
}

const variable = (user: string) => `NATS_PASSWORD_${settingName(user)}`;

/** Returns {@link authorizationBlock}, with an explanation, for passwords from the broker's environment. */
export function usersFromEnvironment(namespace: string | undefined): string {
  const references = allBrokerUsers.map((user) => [user, `$${variable(user)}`]);
  return `# The users of Quartet's services (${brokerUsers.join(', ')}) and an operator's (${ADMIN}).
# nats-server takes the passwords from its environment: ${allBrokerUsers.map(variable).join(', ')}.
# A password of digits alone it would read as a number: begin with a letter.
${authorizationBlock(Object.fromEntries(references), namespace)}`;
}

const VARIABLE = /^\$[A-Z][A-Z0-9_]*$/;

/** nats-server takes a text without quotation marks as a reference to a variable. */
const passwordValue = (password: string): string =>
  VARIABLE.test(password) ? password : JSON.stringify(password);

const listValue = (subjects: string[]): string =>
  `[\n${subjects.map((subject) => `          ${JSON.stringify(subject)}`).join('\n')}\n        ]`;
