import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** These are helmet's headers, with a policy under which nothing runs, loads or is framed, and no caching. */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = headersOf(
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
  }),
);

function headersOf(handler: ReturnType<typeof helmet>): [name: string, value: string][] {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  handler(req, res, () => {});
  res.setHeader('cache-control', 'no-store');
  return Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]);
}
