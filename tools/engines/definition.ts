import type { PathProgram } from './program.ts';
import type { Launch, Place } from './types.ts';
import type { WheelPackage } from './wheels.ts';

/** A container that serves one port and keeps one folder. */
export type ContainerRequest = {
  image: string;
  command: string[];
  containerPort: number;
  dataDir: string;
  dataTarget: string;
};

/** All there is to know about one of the two engines. */
export type EngineDefinition = {
  role: 'database' | 'broker';
  configured: {
    /** The variables that name a server, for messages. */
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
