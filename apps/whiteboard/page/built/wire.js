// The bytes of a frame: fields one after the other, little endian.
/** No frame of the page is longer; one at a time is written, so that all are written in the same place. */
const scratch = new DataView(new ArrayBuffer(20 * 1024));
/** Writes the fields of one frame; more than 20 KiB of them throw a RangeError. */
export class Frame {
    #at = 0;
    constructor(kind) {
        this.u8(kind);
    }
    u8(value) {
        scratch.setUint8(this.#at, value);
        this.#at += 1;
        return this;
    }
    u32(value) {
        scratch.setUint32(this.#at, value, true);
        this.#at += 4;
        return this;
    }
    u64(value) {
        scratch.setBigUint64(this.#at, BigInt(value), true);
        this.#at += 8;
        return this;
    }
    f32(value) {
        scratch.setFloat32(this.#at, value, true);
        this.#at += 4;
        return this;
    }
    bytes(values) {
        new Uint8Array(scratch.buffer).set(values, this.#at);
        this.#at += values.length;
        return this;
    }
    text(text) {
        return this.bytes(new TextEncoder().encode(text));
    }
    /** Flat: x, y, pressure, x, y, pressure, ... */
    points(values) {
        for (let at = 0; at + 2 < values.length; at += 3) {
            this.f32(values[at]).f32(values[at + 1]).u8(values[at + 2]);
        }
        return this;
    }
    /** Fields of eight bytes that the server fills in. */
    forServer(count) {
        for (let left = count; left > 0; left -= 1)
            this.u64(0);
        return this;
    }
    done() {
        return scratch.buffer.slice(0, this.#at);
    }
}
/** A frame that breaks a rule of the wire. */
export class Malformed extends RangeError {
}
/** The value, if it is one between these. */
export function within(value, least, most) {
    // Written so that NaN fails.
    if (value >= least && value <= most)
        return value;
    throw new Malformed(`${value} is not between ${least} and ${most}`);
}
/** Reads fields one after the other; a frame that is too short is malformed. */
export class Fields {
    #view;
    #at = 0;
    constructor(buffer) {
        this.#view = new DataView(buffer);
    }
    get more() {
        return this.#at < this.#view.byteLength;
    }
    u8() {
        return this.#view.getUint8(this.#take(1));
    }
    u16() {
        return this.#view.getUint16(this.#take(2), true);
    }
    u32() {
        return this.#view.getUint32(this.#take(4), true);
    }
    u64() {
        return this.#view.getBigUint64(this.#take(8), true);
    }
    /** Revisions and counts stay far below 2^53. */
    number() {
        return within(Number(this.u64()), 0, Number.MAX_SAFE_INTEGER);
    }
    /** A number that is one, and not beyond these. */
    f32(least, most) {
        return within(this.#view.getFloat32(this.#take(4), true), least, most);
    }
    numbers() {
        const values = [];
        while (this.more)
            values.push(this.number());
        return values;
    }
    /** So many bytes, or all that are left. */
    bytes(length = this.#view.byteLength - this.#at) {
        return new Uint8Array(this.#view.buffer, this.#take(length), length);
    }
    text(length) {
        return new TextDecoder().decode(this.bytes(length));
    }
    /** Goes on by so many bytes, if there are so many; where they begin. */
    #take(length) {
        const from = this.#at;
        this.#at = within(from + length, 0, this.#view.byteLength);
        return from;
    }
}
