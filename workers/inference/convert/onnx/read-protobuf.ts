// Reads the fields of a protobuf message, one after the other, out of the bytes that it lies in.

export interface ProtobufField {
  readonly field: number;
  /** Bytes of a string, of bytes, of a message or of a number of fixed size; empty for a number of variable size. */
  readonly content: Buffer;
  /** A number of variable size, signed, exact up to 2^53; 0 for other fields. */
  readonly value: number;
  /** The field as it is, with its tag. */
  readonly whole: Buffer;
}

/** Throws RangeError for what is no message. */
export function* fieldsOf(message: Buffer): Generator<ProtobufField> {
  let at = 0;
  const varint = () => {
    const { value, end } = readVarint(message, at);
    at = end;
    return value;
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const kind = tag & 7;
    const length = kind === 2 ? varint() : kind === 5 ? 4 : kind === 1 ? 8 : 0;
    const value = kind === 0 ? varint() : 0;
    if (kind > 5 || kind === 3 || kind === 4) throw new RangeError('a field of unknown kind');
    if (length < 0 || at + length > message.length) throw new RangeError('a field longer than its message');
    const content = message.subarray(at, at + length);
    at += length;
    yield { field: Math.floor(tag / 8), content, value, whole: message.subarray(start, at) };
  }
}

/** The numbers of a repeated field, which may be packed or not. */
export function numbersIn({ content, value }: Pick<ProtobufField, 'content' | 'value'>): number[] {
  if (content.length === 0) return [value];
  const numbers: number[] = [];
  for (let at = 0; at < content.length; ) {
    const { value: number, end } = readVarint(content, at);
    numbers.push(number);
    at = end;
  }
  return numbers;
}

/** A number below zero comes as its 64-bit two's complement, in ten bytes. */
function readVarint(bytes: Buffer, from: number): { value: number; end: number } {
  let value = 0;
  for (let at = from, shift = 0; shift < 70; at++, shift += 7) {
    const byte = bytes.readUInt8(at);
    if (shift === 49) return readLongVarint(bytes, from);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new RangeError('a number of more than ten bytes');
}

function readLongVarint(bytes: Buffer, from: number): { value: number; end: number } {
  let value = 0n;
  for (let at = from, shift = 0n; shift < 70n; at++, shift += 7n) {
    const byte = bytes.readUInt8(at);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value: Number(BigInt.asIntN(64, value)), end: at + 1 };
  }
  throw new RangeError('a number of more than ten bytes');
}
