import { eventTypes } from '@quartet/common/events/contracts.ts';
import type { Registration } from '@quartet/common/events/kv/service-registry.ts';
import type { Route } from '@quartet/common/http/routes/route.ts';
import { describeRoutes } from '@quartet/common/openapi/describe-routes.ts';
import type { Log } from '@quartet/common/process/logging.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { asyncApiDocument } from '../async-api/async-api.ts';
import type { AsyncApiDocument } from '../async-api/document.ts';
import { mergeDocument } from './merge.ts';

export type ApiDocuments = {
  update(service: string, registration: Registration): void;
  openApi(): Buffer | undefined;
  asyncApi(): AsyncApiDocument | undefined;
  asyncApiJson(): Buffer | undefined;
};

const DESCRIPTION = `
Users, login, password recovery, items and administration.

Every answer carries \`X-Request-Id\`: the caller's own if it is 1 to 128 of \`A-Za-z0-9._-\`, else a new one. A trailing
slash makes no difference. Unknown fields of a body are ignored. Times are ISO 8601 in UTC; ids are 24 lower-case
hexadecimal digits. E-mail addresses may be international (RFC 6531). Refusals come as \`{"detail": "..."}\`; a 422 lists every
field at fault. Beside what each operation declares, a method that a path does not have is a 405 with \`Allow\`, and headers
over 16 KiB are a 431.
`.trim();

/** Services that are not in `services` are ignored; `last` is the document that was stored last. */
export function createApiDocuments(options: {
  title: string;
  services: readonly string[];
  own: readonly Route[];
  last: string | undefined;
  store: (openApi: string) => Promise<void>;
  log: Log;
}): ApiDocuments {
  const { title, services, own, last, store, log } = options;
  const info = { title, description: DESCRIPTION, version: packageJson.version };
  const ownPart = describeRoutes(own, {
    tags: [
      { name: 'utils', description: 'Whether the API, its services and its e-mails work.' },
      { name: 'live', description: 'Events as they happen, as server-sent events.' },
    ],
    alwaysThere: true,
  });
  const known = new Map<string, Registration>();
  let openApi: string | undefined;
  let openApiBytes: Buffer | undefined;
  let asyncApi: AsyncApiDocument | undefined;
  let asyncApiBytes: Buffer | undefined;

  return {
    update(service, registration) {
      if (!services.includes(service)) return;
      known.set(service, registration);
      const all = services.map((name) => known.get(name)).filter((each) => each !== undefined);
      if (all.length < services.length) return;
      asyncApi = asyncApiDocument({ title, version: info.version, consumers: consumersAmong(known) });
      asyncApiBytes = Buffer.from(JSON.stringify(asyncApi));
      try {
        const merged = JSON.stringify(mergeDocument(info, [...all.map(({ api }) => api), ownPart]));
        if (merged !== (openApi ?? last)) {
          store(merged).catch((err: unknown) => log.warn({ err }, 'the API document was not stored'));
        }
        openApi = merged;
      } catch (err) {
        openApi ??= last;
        // Two versions may contradict each other in a rollout: the last document without conflicts stays.
        log.error({ err, service }, 'the API document cannot be merged');
      }
      openApiBytes = openApi === undefined ? undefined : Buffer.from(openApi);
    },
    openApi: () => openApiBytes,
    asyncApi: () => asyncApi,
    asyncApiJson: () => asyncApiBytes,
  };
}

function consumersAmong(known: ReadonlyMap<string, Registration>) {
  const entries = eventTypes.map((type) => {
    const consumers = [...known].filter(([, { consumes }]) => consumes.includes(type));
    return [type, consumers.map(([service]) => service)] as const;
  });
  return Object.fromEntries(entries);
}
