// What Q4_K and Q5_K have in common: blocks of 256 values in eight parts of 32. Each part has a scale and a minimum of 6 bits,
// which are steps of two half-precision numbers at the head of the block: value = code × scale − minimum.
//
// The sixteen 6-bit numbers lie in 12 bytes. Of parts 0–3 the scale is the low six bits of bytes 0–3, the minimum those of
// bytes 4–7. Of parts 4–7 the low four bits are in bytes 8–11 (scale below, minimum above), and their upper two bits are those
// that bytes 0–3 (scales) and 4–7 (minima) have left.

import { halfToFloat } from '../half-floats.ts';
import type { GgmlType } from './ggml-type.ts';

const K_VALUES = 256;
const PARTS = 8;
/** Two half-precision numbers, then the packed ones. */
export const K_HEAD_BYTES = 16;

/** Fills in the scale and the minimum of each part of the block that begins at `at`. */
function readScales(bytes: Buffer, at: number, scales: Float64Array, minima: Float64Array): void {
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

/**
 * A kind of such blocks. `readCodes` takes the codes of the parts `part` and `part + 1`, 32 each, from the block's bytes behind its
 * head, which begin at `at`.
 */
export function kType(
  kind: Pick<GgmlType, 'name' | 'id' | 'blockBytes'>,
  readCodes: (bytes: Buffer, at: number, part: number, codes: Uint8Array) => void,
): GgmlType {
  return {
    ...kind,
    blockValues: K_VALUES,
    decode(bytes) {
      const values = new Float32Array((bytes.length / kind.blockBytes) * K_VALUES);
      const [scales, minima] = [new Float64Array(PARTS), new Float64Array(PARTS)];
      const codes = new Uint8Array(64);
      for (let at = 0, to = 0; at < bytes.length; at += kind.blockBytes, to += K_VALUES) {
        readScales(bytes, at, scales, minima);
        for (let part = 0; part < PARTS; part += 2) {
          readCodes(bytes, at + K_HEAD_BYTES, part, codes);
          for (let i = 0; i < 64; i++) {
            const its = part + (i >> 5);
            values[to + part * 32 + i] = codes[i]! * scales[its]! - minima[its]!;
          }
        }
      }
      return values;
    },
  };
}
