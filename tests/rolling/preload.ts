import { replaceOnLoad } from '../support/replacement.ts';
import { sabotageNamed } from './sabotages.ts';

// Loaded into every Node process of a stack by NODE_OPTIONS; only services load the file.
replaceOnLoad([sabotageNamed(process.env.ROLLING_SABOTAGE ?? '')]);
