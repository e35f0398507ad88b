import { encode } from 'uqr';

/** Light modules around the code, as many as ISO/IEC 18004 asks for. */
const BORDER = 4;

/** The dark modules of a QR code as one SVG path on a square of `size` units, border included. */
export function qrPath(text: string): { size: number; path: string } {
  const { data, size } = encode(text, { border: BORDER });
  const path = data
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return { size, path };
}
