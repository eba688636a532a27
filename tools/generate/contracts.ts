import { relative } from 'node:path';
import { contracts } from '@quartet/common/events/contracts.ts';
import { publishedFolder, readPublished, reviewContract } from '../contracts/published-contracts.ts';

/**
 * Tells what keeps the published event schemas from being those of the contracts; `publishContracts` mends it or says
 * why it must not.
 * @param root absolute path of the repository
 * @returns a line for each; empty when all are fresh
 */
export async function reviewPublished(root: string): Promise<string[]> {
  const published = await readPublished();
  return Object.entries(contracts).flatMap(([type, contract]) => {
    const { stale, problems } = reviewContract(type, contract, published);
    const file = stale && `${relative(root, publishedFolder)}/${stale.file}`;
    return file ? [...problems, `${file} is stale: run "npm run generate"`] : problems;
  });
}
