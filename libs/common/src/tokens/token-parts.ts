import * as z from 'zod';

/**
 * What auth writes in a header, and all that may stand there: an extension that is critical (`crit`, RFC 7515, 4.1.11), an
 * unencoded payload (`b64`, RFC 7797), a key or a place of keys (`jwk`, `jku`, `x5u`) would have to be understood.
 */
const header = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.literal('JWT').optional(),
  kid: z.string().min(1),
});

/** One purpose a token: RFC 7519 would have a list of audiences too. */
const payload = z.looseObject({ aud: z.string() });

/** A token's header and payload, its signature not yet looked at; undefined when auth never writes such a token. */
export function readParts(
  token: string,
): { header: z.output<typeof header>; payload: z.output<typeof payload> } | undefined {
  const [first = '', second = ''] = token.split('.', 2);
  const parts = z
    .object({ header, payload })
    .safeParse({ header: readJson(first), payload: readJson(second) });
  return parts.data;
}

/**
 * A part's JSON, if it is spelt as JSON.stringify spells it. So a member that stands there twice, which two readers could
 * take for two things (RFC 7519, 4), is none.
 */
function readJson(part: string): unknown {
  const text = Buffer.from(part, 'base64url').toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
