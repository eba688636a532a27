import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Request, Response } from 'express';
import type { Asset } from './assets.ts';

const YEAR_SECONDS = 31_536_000;

/** Brotli's best quality would take seconds to save a tenth more. */
const ENCODERS = {
  br: (content: Buffer) =>
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  gzip: (content: Buffer) => promisify(gzip)(content),
};
const ENCODINGS = ['br', 'gzip'] as const;

export function assetSender(asset: Asset): (req: Request, res: Response) => Promise<void> {
  const made: { [encoding in keyof typeof ENCODERS]?: Buffer | Promise<Buffer> } = { ...asset.encoded };
  return async (req, res) => {
    res.vary('Accept-Encoding');
    res.set({
      'Content-Type': asset.contentType,
      'Cache-Control': `public, max-age=${YEAR_SECONDS}, immutable`,
    });
    const encoding = ENCODINGS.find((each) => req.acceptsEncodings(each) !== false);
    if (encoding === undefined) {
      res.send(asset.content);
      return;
    }
    made[encoding] ??= ENCODERS[encoding](asset.content);
    res.set('Content-Encoding', encoding).send(await made[encoding]);
  };
}
