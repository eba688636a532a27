import type { PathProgram } from './program.ts';
import type { Launch, Place } from './types.ts';
import type { WheelPackage } from './wheels.ts';

export type ContainerRequest = {
  image: string;
  command: string[];
  containerPort: number;
  dataDir: string;
  dataTarget: string;
};

export type EngineDefinition = {
  role: 'database' | 'broker';
  configured: {
    variables: string;
    url(env: NodeJS.ProcessEnv): string | undefined;
    example: string;
  };
  path: {
    program: PathProgram;
    launch(place: Place): Promise<Launch>;
    provide: string;
  };
  embedded: {
    pkg: WheelPackage;
    launch(place: Place): Promise<Launch>;
  };
  docker: {
    image: string;
    readyLine: RegExp;
    container(dataDir: string): ContainerRequest;
    launch(place: Place): Promise<Launch>;
  };
};
