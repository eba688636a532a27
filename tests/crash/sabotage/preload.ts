import { replaceOnLoad } from '../../support/replacement.ts';
import { hurry, sabotageNamed } from './sabotages.ts';

// NODE_OPTIONS loads this into every Node process of a stack; only services load the replaced files.
replaceOnLoad([sabotageNamed(process.env.CRASH_SABOTAGE ?? ''), ...hurry]);
