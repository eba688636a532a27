import { replaceOnLoad } from '../../support/replacement.ts';
import { sabotageNamed } from './sabotages.ts';

// Loaded into every Node process of a stack by NODE_OPTIONS; only services load the files.
replaceOnLoad(sabotageNamed(process.env.HOSTILE_SABOTAGE ?? '')?.replacements ?? []);
