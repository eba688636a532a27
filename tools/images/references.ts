export type ImageReference = {
  name: string;
  registry: string;
  repository: string;
  tag: string;
  digest: string | undefined;
};

export const FILES = [
  'Dockerfile',
  '.env.example',
  'docker-compose.yml',
  'docker-compose.override.yml',
  'docker-compose.production.yml',
  'docker-compose.documentdb.yml',
];

/** It matches build arguments, .env lines, images and compose defaults; ours hold a variable. */
const REFERENCE =
  /(^ARG \w+_IMAGE=|^\w+_IMAGE=|^\s+image: |\$\{\w+_IMAGE:-)([a-z0-9][\w./:-]*)(?:@(sha256:[0-9a-f]{64}))?(?=[}\s]|$)/gm;

const DOCKER_HUB = 'docker.io';

export const findReferences = (text: string): ImageReference[] =>
  [...text.matchAll(REFERENCE)].map(([, , name = '', digest]) => ({ ...parseName(name), digest }));

export const withDigests = (text: string, digests: ReadonlyMap<string, string>): string =>
  text.replace(REFERENCE, (whole, before: string, name: string) => {
    const digest = digests.get(name);
    return digest === undefined ? whole : `${before}${name}@${digest}`;
  });

/** Docker takes a first part that looks like a host as a registry; its Hub's images are in `library`. */
function parseName(name: string): Omit<ImageReference, 'digest'> {
  const [first = '', ...rest] = name.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = isHost ? first : DOCKER_HUB;
  const [path = '', tag = 'latest'] = (isHost ? rest.join('/') : name).split(':');
  const repository = registry === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
  return { name, registry, repository, tag };
}
