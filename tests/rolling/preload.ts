import { replaceOnLoad } from '../support/replacement.ts';
import { sabotageNamed } from './sabotages.ts';

// NODE_OPTIONS loads this into every Node process of a stack; only services load the replaced file.
replaceOnLoad([sabotageNamed(process.env.ROLLING_SABOTAGE ?? '')]);
