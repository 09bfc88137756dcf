// What Q4_K and Q5_K have in common: blocks of 256 values in eight parts of 32. Each part has a scale and a minimum of 6 bits,
// which are steps of two half-precision numbers at the head of the block: value = code × scale − minimum.
//
// The sixteen 6-bit numbers lie in 12 bytes. Of parts 0–3 the scale is the low six bits of bytes 0–3, the minimum those of
// bytes 4–7. Of parts 4–7 the low four bits are in bytes 8–11 (scale below, minimum above), and their upper two bits are those
// that bytes 0–3 (scales) and 4–7 (minima) have left.

import { halfToFloat } from '../half-floats.ts';

export const K_VALUES = 256;
export const PARTS = 8;
/** Two half-precision numbers, then the packed ones. */
export const K_HEAD_BYTES = 16;

/** Fills in the scale and the minimum of each part of the block that begins at `at`. */
export function readScales(bytes: Buffer, at: number, scales: Float64Array, minima: Float64Array): void {
  const scaleStep = halfToFloat(bytes.readUInt16LE(at));
  const minimumStep = halfToFloat(bytes.readUInt16LE(at + 2));
  const packed = at + 4;
  for (let part = 0; part < 4; part++) {
    const [scale, minimum] = [bytes[packed + part]!, bytes[packed + 4 + part]!];
    const low = bytes[packed + 8 + part]!;
    scales[part] = scaleStep * (scale & 63);
    minima[part] = minimumStep * (minimum & 63);
    scales[part + 4] = scaleStep * ((low & 15) | ((scale >> 6) << 4));
    minima[part + 4] = minimumStep * ((low >> 4) | ((minimum >> 6) << 4));
  }
}
