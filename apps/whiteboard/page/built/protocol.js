// @ts-nocheck
// The wire: one binary frame is one message, little endian, its first byte the kind. The same table as the server's
// `protocol` module; `tests/vectors.json` holds examples that both are checked against.
export const VERSION = 1;
export const TEXT_MAX = 960;
export const SEGMENT_POINTS_MAX = 28;
export const COORDINATE_MAX = 16384;
const STROKE = 1;
const CHAT = 2;
const CURSOR = 16;
const HEARTBEAT = 17;
const SEGMENT = 18;
const LEFT = 19;
const HELLO = 64;
const WELCOME = 128;
const LIVE = 129;
const ACK = 130;
const BUSY = 131;
const REFUSED = 132;
const MISSED = 133;
/** Writes fields one after the other. */
class Frame {
    #view;
    #at = 0;
    constructor(kind, length) {
        this.#view = new DataView(new ArrayBuffer(1 + length));
        this.u8(kind);
    }
    u8(value) {
        this.#view.setUint8(this.#at, value);
        this.#at += 1;
        return this;
    }
    u32(value) {
        this.#view.setUint32(this.#at, value, true);
        this.#at += 4;
        return this;
    }
    u64(value) {
        this.#view.setBigUint64(this.#at, BigInt(value), true);
        this.#at += 8;
        return this;
    }
    f32(value) {
        this.#view.setFloat32(this.#at, value, true);
        this.#at += 4;
        return this;
    }
    points(values) {
        for (const value of values)
            this.f32(value);
        return this;
    }
    bytes(values) {
        new Uint8Array(this.#view.buffer).set(values, this.#at);
        this.#at += values.length;
        return this;
    }
    /** Fields that the server fills in: the author, and of an action the revision too. */
    forServer(count) {
        this.#at += 8 * count;
        return this;
    }
    done() {
        return this.#view.buffer;
    }
}
/** Reads fields one after the other; a frame that is too short throws a RangeError. */
class Fields {
    #view;
    #at = 1;
    constructor(buffer) {
        this.#view = new DataView(buffer);
    }
    u8() {
        this.#at += 1;
        return this.#view.getUint8(this.#at - 1);
    }
    u32() {
        this.#at += 4;
        return this.#view.getUint32(this.#at - 4, true);
    }
    u64() {
        this.#at += 8;
        return this.#view.getBigUint64(this.#at - 8, true);
    }
    /** Revisions and counts stay far below 2^53. */
    number() {
        return Number(this.u64());
    }
    f32() {
        this.#at += 4;
        return this.#view.getFloat32(this.#at - 4, true);
    }
    points() {
        const values = [];
        while (this.#at < this.#view.byteLength)
            values.push(this.f32());
        return values;
    }
    text() {
        return new TextDecoder().decode(new Uint8Array(this.#view.buffer, this.#at));
    }
}
export function hello(client, after) {
    return new Frame(HELLO, 25).u8(VERSION).bytes(client).u64(after).done();
}
/** `points` is flat: x, y, x, y, ... */
export function stroke({ action, colour, width, points }) {
    return new Frame(STROKE, 32 + points.length * 4)
        .forServer(2).u64(action).u32(colour).f32(width).points(points).done();
}
export function chat({ action, colour, text }) {
    const bytes = new TextEncoder().encode(text);
    return new Frame(CHAT, 28 + bytes.length).forServer(2).u64(action).u32(colour).bytes(bytes).done();
}
export function cursor({ colour, x, y }) {
    return new Frame(CURSOR, 20).forServer(1).u32(colour).f32(x).f32(y).done();
}
export function heartbeat() {
    return new Frame(HEARTBEAT, 8).forServer(1).done();
}
/** The next points of the stroke `action`, while it is drawn. */
export function segment({ action, colour, width, points }) {
    return new Frame(SEGMENT, 24 + points.length * 4)
        .forServer(1).u64(action).u32(colour).f32(width).points(points).done();
}
/** What the server says; `null` for a kind this page does not know. */
export function decode(buffer) {
    const fields = new Fields(buffer);
    switch (new DataView(buffer).getUint8(0)) {
        case STROKE:
            return {
                kind: 'stroke', author: fields.u64(), revision: fields.number(), action: fields.u64(),
                colour: fields.u32(), width: fields.f32(), points: fields.points(),
            };
        case CHAT:
            return {
                kind: 'chat', author: fields.u64(), revision: fields.number(), action: fields.u64(),
                colour: fields.u32(), text: fields.text(),
            };
        case CURSOR:
            return { kind: 'cursor', author: fields.u64(), colour: fields.u32(), x: fields.f32(), y: fields.f32() };
        case HEARTBEAT:
            return { kind: 'heartbeat', author: fields.u64() };
        case SEGMENT:
            return {
                kind: 'segment', author: fields.u64(), action: fields.u64(),
                colour: fields.u32(), width: fields.f32(), points: fields.points(),
            };
        case LEFT:
            return { kind: 'left', author: fields.u64() };
        case WELCOME:
            return {
                kind: 'welcome', version: fields.u8(), board: fields.u64(), revision: fields.number(), author: fields.u64(),
            };
        case LIVE:
            return { kind: 'live', next: fields.number() };
        case ACK:
            return { kind: 'ack', action: fields.u64(), revision: fields.number() };
        case BUSY:
            return { kind: 'busy', action: fields.u64() };
        case REFUSED:
            return { kind: 'refused', action: fields.u64(), reason: fields.text() };
        case MISSED:
            return { kind: 'missed', actions: fields.number(), moments: fields.number() };
        default:
            return null;
    }
}
