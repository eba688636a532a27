import { publishContracts } from '../contracts/publish-contracts.ts';

// A process of its own: a contract that was just written is read by nobody who has read the contracts before.
for (const file of await publishContracts()) console.log(`tools/contracts/published/${file}`);
