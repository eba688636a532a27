import { namesIn } from '@quartet/common/events/broker/names.ts';
import { settingName } from '@quartet/common/service/description.ts';
import { type BrokerUser, brokerUsers, permissionsOf } from './permissions.ts';

/** The broker's users: one for each service, and one that may do everything, for operators and tests. */
export const ADMIN = 'admin';
export const allBrokerUsers = [...brokerUsers, ADMIN] as const;

/** The users' passwords: plain, or `$NAME` for one that the broker takes from its environment. */
export type BrokerPasswords = Record<BrokerUser | typeof ADMIN, string>;

/**
 * The part of nats-server's configuration that says who may do what.
 * @param namespace of the installation, as NATS_NAMESPACE gives it to the services
 */
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

/** {@link authorizationBlock} for a broker that takes the passwords from its environment, with words on that. */
export function usersFromEnvironment(namespace: string | undefined): string {
  const references = allBrokerUsers.map((user) => [user, `$${variable(user)}`]);
  return `# The users of Quartet's services (${brokerUsers.join(', ')}) and an operator's (${ADMIN}).
# nats-server takes the passwords from its environment: ${allBrokerUsers.map(variable).join(', ')}.
# A password of digits alone it would read as a number: begin with a letter.
${authorizationBlock(Object.fromEntries(references), namespace)}`;
}

const VARIABLE = /^\$[A-Z][A-Z0-9_]*$/;

/** A text that is not in quotation marks is a reference to a variable. */
const passwordValue = (password: string): string =>
  VARIABLE.test(password) ? password : JSON.stringify(password);

const listValue = (subjects: string[]): string =>
  `[\n${subjects.map((subject) => `          ${JSON.stringify(subject)}`).join('\n')}\n        ]`;
