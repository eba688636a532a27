import type { EngineDefinition } from './definition.ts';
import type { EngineSource } from './types.ts';

/** A variable that chooses an engine has a value that chooses none. */
export class WrongSetting extends Error {
  override name = 'WrongSetting';
}

/** Why one source was passed over. */
export type Failure = {
  source: EngineSource;
  reason: string;
};

type Missing = {
  definition: EngineDefinition;
  failures: Failure[];
};

/** No source had an engine. The message says for each engine what was looked for, in order, and what would provide it. */
export class EnginesMissing extends Error {
  override name = 'EnginesMissing';
  readonly missing: Missing[];

  constructor(missing: Missing[]) {
    super(missing.map(explainOne).join('\n\n'));
    this.missing = missing;
  }

  static join(errors: EnginesMissing[]): EnginesMissing {
    return new EnginesMissing(errors.flatMap((err) => err.missing));
  }
}

function explainOne({ definition, failures }: Missing): string {
  const looked = failures.map(
    ({ source, reason }, at) => `  ${at + 1}. ${lookedFor(definition, source)}: ${reason}`,
  );
  const provide = failures.map(({ source }) => `  - ${howToProvide(definition, source)}`);
  return [
    `There is no ${definition.role}. Looked for, in this order:`,
    ...looked,
    'Any one of these provides it:',
    ...provide,
  ].join('\n');
}

function lookedFor(definition: EngineDefinition, source: EngineSource): string {
  const { program } = definition.path;
  const { pkg } = definition.embedded;
  switch (source) {
    case 'configured':
      return `a server named by ${definition.configured.variables}`;
    case 'path':
      return `${program.name} ${program.oldest.join('.')} or newer on the PATH`;
    case 'embedded':
      return `the embedded ${pkg.name} ${pkg.version}, fetched once with pip`;
    case 'docker':
      return `${definition.docker.image} in Docker`;
  }
}

function howToProvide(definition: EngineDefinition, source: EngineSource): string {
  switch (source) {
    case 'configured':
      return definition.configured.example;
    case 'path':
      return definition.path.provide;
    case 'embedded':
      return 'apt-get install python3-pip   (or Python with pip from elsewhere; the rest is fetched by itself)';
    case 'docker':
      return `systemctl start docker   (${definition.docker.image} is then pulled by itself)`;
  }
}
