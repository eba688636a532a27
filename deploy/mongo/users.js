// Made by npm run deploy:files; do not edit.
// A user for each service, with a role for its own collections.
const users = [
  {
    "name": "<database>-auth",
    "role": {
      "privileges": [
        {
          "resource": {
            "db": "<database>",
            "collection": "users"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        },
        {
          "resource": {
            "db": "<database>",
            "collection": "signing_keys"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        },
        {
          "resource": {
            "db": "<database>",
            "collection": "auth_state"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        },
        {
          "resource": {
            "db": "<database>",
            "collection": "unique_key_probes"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        },
        {
          "resource": {
            "db": "<database>",
            "collection": "recovery_requests"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        },
        {
          "resource": {
            "db": "<database>",
            "collection": "verification_requests"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        },
        {
          "resource": {
            "db": "<database>",
            "collection": "sessions"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        }
      ],
      "roles": []
    },
    "user": {
      "roles": [
        {
          "role": "<database>-auth",
          "db": "admin"
        }
      ]
    },
    "password": "DATABASE_PASSWORD_AUTH"
  },
  {
    "name": "<database>-items",
    "role": {
      "privileges": [
        {
          "resource": {
            "db": "<database>",
            "collection": "items"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        },
        {
          "resource": {
            "db": "<database>",
            "collection": "items_state"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        }
      ],
      "roles": []
    },
    "user": {
      "roles": [
        {
          "role": "<database>-items",
          "db": "admin"
        }
      ]
    },
    "password": "DATABASE_PASSWORD_ITEMS"
  },
  {
    "name": "<database>-notifier",
    "role": {
      "privileges": [
        {
          "resource": {
            "db": "<database>",
            "collection": "emails"
          },
          "actions": [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex"
          ]
        }
      ],
      "roles": []
    },
    "user": {
      "roles": [
        {
          "role": "<database>-notifier",
          "db": "admin"
        }
      ]
    },
    "password": "DATABASE_PASSWORD_NOTIFIER"
  }
];

const browser = {
  "name": "<database>-browser",
  "user": {
    "roles": [
      {
        "role": "read",
        "db": "<database>"
      }
    ]
  },
  "password": "DATABASE_PASSWORD_BROWSER"
};
if (process.env[browser.password]) users.push(browser);

const admin = db.getSiblingDB('admin');
const named = JSON.stringify(users).replaceAll('<database>', process.env.DOCUMENTDB_DB || 'app');
for (const { name, role, user, password } of JSON.parse(named)) {
  const pwd = process.env[password];
  if (!pwd) throw new Error(`${password} is needed`);
  if (role) {
    const hasRole = admin.runCommand({ rolesInfo: name }).roles.length > 0;
    admin.runCommand({ [hasRole ? 'updateRole' : 'createRole']: name, ...role });
  }
  const hasUser = admin.runCommand({ usersInfo: name }).users.length > 0;
  admin.runCommand({ [hasUser ? 'updateUser' : 'createUser']: name, pwd, ...user });
}
