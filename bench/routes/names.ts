export const routes = {
  me: { title: 'GET /users/me', service: 'auth' },
  item: { title: 'GET item', service: 'items' },
  'list-10': { title: 'list of 10', service: 'items' },
  'list-100': { title: 'list of 100', service: 'items' },
  post: { title: 'POST item', service: 'items' },
  put: { title: 'PUT item', service: 'items' },
  login: { title: 'login', service: 'auth' },
} as const;

export type RouteName = keyof typeof routes;

export const routeNames = Object.keys(routes) as RouteName[];

export const subjects = {
  gateway: 'through the gateway',
  service: 'at the service',
  constant: '(a) bare node:http, constant answer',
  driver: '(b) bare node:http with the driver',
  proxy: '(c) the same behind a bare undici proxy',
  express: '(d) bare Express 5 with the driver',
  template: 'the FastAPI template, 4 workers',
  pocketbase: 'PocketBase',
} as const;

export type SubjectName = keyof typeof subjects;

/** These are whole applications of others, measured only where an option names them. */
export const applicationNames = ['template', 'pocketbase'] as const;

export type ApplicationName = (typeof applicationNames)[number];

export const subjectNames = Object.keys(subjects) as SubjectName[];

export const isApplication = (subject: SubjectName): subject is ApplicationName =>
  applicationNames.some((name) => name === subject);
