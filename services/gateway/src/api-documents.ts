import type { Announcement } from '@quartet/common/events/announcement-bucket.ts';
import { asyncApiDocument } from '@quartet/common/events/async-api.ts';
import type { AsyncApiDocument } from '@quartet/common/events/async-api-document.ts';
import { eventTypes } from '@quartet/common/events/contracts.ts';
import type { Route } from '@quartet/common/http/route.ts';
import type { Log } from '@quartet/common/logging.ts';
import { describeRoutes } from '@quartet/common/openapi/describe-routes.ts';
import { mergeDocument } from '@quartet/common/openapi/merge.ts';
import packageJson from '../package.json' with { type: 'json' };

/** The documents that describe the whole API, made anew when a service says something else of itself. */
export type ApiDocuments = {
  update(service: string, announcement: Announcement): void;
  /** OpenAPI as JSON text; undefined until every service has been heard. */
  openApi(): string | undefined;
  /** AsyncAPI, as a document; undefined until every service has been heard. */
  asyncApi(): AsyncApiDocument | undefined;
};

const DESCRIPTION = `
Users, login, password recovery, items and administration.

Every answer carries \`X-Request-Id\`: the caller's own if it is 1 to 128 of \`A-Za-z0-9._-\`, else a new one. A trailing
slash makes no difference. Unknown fields of a body are ignored. Times are ISO 8601 in UTC; ids are 24 lower-case
hexadecimal digits. Refusals come as \`{"detail": "..."}\`; a 422 lists every field at fault.
`.trim();

/**
 * @param options.services who is expected; others are not listened to, and their order is the document's
 * @param options.own what the gateway answers itself
 */
export function createApiDocuments(options: {
  title: string;
  services: readonly string[];
  own: readonly Route[];
  log: Log;
}): ApiDocuments {
  const { title, services, own, log } = options;
  const info = { title, description: DESCRIPTION, version: packageJson.version };
  const ownPart = describeRoutes(own, {
    tags: [{ name: 'utils', description: 'Whether it works.' }],
    alwaysThere: true,
  });
  const known = new Map<string, Announcement>();
  let openApi: string | undefined;
  let asyncApi: AsyncApiDocument | undefined;

  return {
    update(service, announcement) {
      if (!services.includes(service)) return;
      known.set(service, announcement);
      const all = services.map((name) => known.get(name)).filter((each) => each !== undefined);
      if (all.length < services.length) return;
      asyncApi = asyncApiDocument({ title, version: info.version, consumers: consumersAmong(known) });
      try {
        openApi = JSON.stringify(mergeDocument(info, [...all.map(({ api }) => api), ownPart]));
      } catch (err) {
        // Services of two versions may contradict each other for a while: the last document they agreed on stays.
        log.error({ err, service }, 'the API document cannot be merged');
      }
    },
    openApi: () => openApi,
    asyncApi: () => asyncApi,
  };
}

/** The services that act on each type of event. */
function consumersAmong(known: ReadonlyMap<string, Announcement>) {
  const entries = eventTypes.map((type) => {
    const consumers = [...known].filter(([, { consumes }]) => consumes.includes(type));
    return [type, consumers.map(([service]) => service)] as const;
  });
  return Object.fromEntries(entries);
}
