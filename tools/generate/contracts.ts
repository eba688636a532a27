import { relative } from 'node:path';
import { contracts } from '@quartet/common/events/contracts.ts';
import { publishedFolder, readPublished, reviewContract } from '../contracts/published-contracts.ts';

export async function reviewPublished(root: string): Promise<string[]> {
  const published = await readPublished();
  return Object.entries(contracts).flatMap(([type, contract]) => {
    const { stale, problems } = reviewContract(type, contract, published);
    const file = stale && `${relative(root, publishedFolder)}/${stale.file}`;
    return file ? [...problems, `${file} is stale: run "npm run generate"`] : problems;
  });
}
