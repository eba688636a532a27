import { publishContracts } from '../contracts/publish-contracts.ts';

// This is a process of its own, because Node caches modules: the parent cannot import a new contract.
for (const file of await publishContracts()) console.log(`tools/contracts/published/${file}`);
