import jsQR from 'jsqr';
import { expect, it } from 'vitest';

import { qrPath } from './qr';

/** Pixels along the side of a module, so that the reader finds the patterns. */
const SCALE = 4;

/** Paints the path as a browser does, and reads the code from the picture. */
function read({ size, path }: ReturnType<typeof qrPath>): string | undefined {
  const side = size * SCALE;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < SCALE; row++) {
      const from = ((Number(y) * SCALE + row) * side + Number(x) * SCALE) * 4;
      for (let at = from; at < from + SCALE * 4; at += 4) pixels.fill(0, at, at + 3);
    }
  }
  return jsQR(pixels, side, side, { inversionAttempts: 'dontInvert' })?.data;
}

it('is read back by a QR reader', () => {
  const page = 'https://acme.awsapps.com/start/#/device?user_code=BCDF-GHJK';
  expect(read(qrPath(page))).toBe(page);
});
