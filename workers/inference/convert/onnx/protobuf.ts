// Writes protobuf messages: the four wire forms that ONNX models use, nothing more.

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** One message being written, field by field, in the order of the calls. */
export class ProtobufMessage {
  readonly #parts: Buffer[] = [];

  /** int32, int64, bool and enum fields. */
  int(field: number, value: number): this {
    this.#parts.push(varint((field << 3) | VARINT), varint(value));
    return this;
  }

  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.#parts.push(varint((field << 3) | FIXED_32), bytes);
    return this;
  }

  /** string, bytes and embedded-message fields. */
  bytes(field: number, value: string | Uint8Array | ProtobufMessage): this {
    const content =
      value instanceof ProtobufMessage ? value.finish() : typeof value === 'string' ? Buffer.from(value) : value;
    this.#parts.push(varint((field << 3) | LENGTH_DELIMITED), varint(content.length), Buffer.from(content));
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function varint(value: number): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value)); // negative numbers take their 64-bit two's complement
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
