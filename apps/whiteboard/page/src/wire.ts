// The bytes of a frame: fields one after the other, little endian.

/** No frame of the page is longer; one at a time is written, so that all are written in the same place. */
const scratch = new DataView(new ArrayBuffer(20 * 1024));

/** Writes the fields of one frame; more than 20 KiB of them throw a RangeError. */
export class Frame {
  #at = 0;

  constructor(kind: number) {
    this.u8(kind);
  }

  u8(value: number): this {
    scratch.setUint8(this.#at, value);
    this.#at += 1;
    return this;
  }

  u32(value: number): this {
    scratch.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  u64(value: bigint | number): this {
    scratch.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
    return this;
  }

  f32(value: number): this {
    scratch.setFloat32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  bytes(values: Uint8Array): this {
    new Uint8Array(scratch.buffer).set(values, this.#at);
    this.#at += values.length;
    return this;
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  /** Flat: x, y, pressure, x, y, pressure, ... */
  points(values: readonly number[]): this {
    for (let at = 0; at + 2 < values.length; at += 3) {
      this.f32(values[at]!).f32(values[at + 1]!).u8(values[at + 2]!);
    }
    return this;
  }

  /** Fields of eight bytes that the server fills in. */
  forServer(count: number): this {
    for (let left = count; left > 0; left -= 1) this.u64(0);
    return this;
  }

  done(): ArrayBuffer {
    return scratch.buffer.slice(0, this.#at);
  }
}

/** Reads fields one after the other; a frame that is too short throws a RangeError. */
export class Fields {
  #view: DataView<ArrayBuffer>;
  #at = 0;

  constructor(buffer: ArrayBuffer) {
    this.#view = new DataView(buffer);
  }

  get more(): boolean {
    return this.#at < this.#view.byteLength;
  }

  u8(): number {
    this.#at += 1;
    return this.#view.getUint8(this.#at - 1);
  }

  u16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  u64(): bigint {
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }

  /** Revisions and counts stay far below 2^53. */
  number(): number {
    return Number(this.u64());
  }

  f32(): number {
    this.#at += 4;
    return this.#view.getFloat32(this.#at - 4, true);
  }

  points(): number[] {
    const values: number[] = [];
    while (this.more) values.push(this.f32(), this.f32(), this.u8());
    return values;
  }

  numbers(): number[] {
    const values: number[] = [];
    while (this.more) values.push(this.number());
    return values;
  }

  /** So many bytes, or all that are left. */
  bytes(length = this.#view.byteLength - this.#at): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#view.buffer, this.#at, length);
    this.#at += length;
    return bytes;
  }

  text(length?: number): string {
    return new TextDecoder().decode(this.bytes(length));
  }
}
