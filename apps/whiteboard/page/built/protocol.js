// The wire: one binary frame is one message, its first byte the kind. The same table as the server's `protocol` module;
// `tests/vectors.json` holds examples that both are checked against.
import { Fields, Frame, Malformed, within } from './wire.js';
export const VERSION = 2;
/** Bytes of a chat message or a note. */
export const TEXT_MAX = 960;
/** Bytes of a name. */
export const NAME_MAX = 40;
export const SEGMENT_POINTS_MAX = 25;
/** A hide or show names at most so many. */
export const REVISIONS_MAX = 1000;
export const COORDINATE_MAX = 16384;
/** Bytes of an image's file. */
export const FILE_MAX = 16323;
export const LETTERS_MIN = 4;
export const LETTERS_MAX = 400;
export const WIDTH_MAX = 200;
const STROKE = 1;
const CHAT = 2;
const NOTE = 3;
const IMAGE = 4;
const CLEAR = 5;
const HIDE = 6;
const SHOW = 7;
const CURSOR = 16;
const HERE = 17;
const SEGMENT = 18;
const LEFT = 19;
const HELLO = 64;
const ASK = 65;
const WELCOME = 128;
const LIVE = 129;
const ACK = 130;
const BUSY = 131;
const REFUSED = 132;
const MISSED = 133;
const PACE = 134;
const SEVERAL = 135;
const ALIVE = 136;
const TROUBLE = 137;
export function hello(client, after, board) {
    return new Frame(HELLO).u8(VERSION).bytes(client).u64(after).text(board).done();
}
/** Asks the server for a sign of life. */
export function ask() {
    return new Frame(ASK).done();
}
export function stroke({ action, colour, width, points }) {
    return began(STROKE, action).u32(colour).f32(width).points(points).done();
}
export function chat({ action, colour, name, text }) {
    const bytes = new TextEncoder().encode(name);
    return began(CHAT, action).u32(colour).u8(bytes.length).bytes(bytes).text(text).done();
}
export function note({ action, colour, x, y, size, text }) {
    return began(NOTE, action).u32(colour).f32(x).f32(y).f32(size).text(text).done();
}
export function image({ action, x, y, width, height, file }) {
    return began(IMAGE, action).f32(x).f32(y).f32(width).f32(height).bytes(file).done();
}
export function clear({ action }) {
    return began(CLEAR, action).done();
}
export function hide(fields) {
    return flag(HIDE, fields);
}
export function show(fields) {
    return flag(SHOW, fields);
}
export function cursor({ x, y }) {
    return new Frame(CURSOR).forServer(1).f32(x).f32(y).done();
}
/** Who this is. */
export function here({ colour, name }) {
    return new Frame(HERE).forServer(1).u32(colour).text(name).done();
}
/** The next points of the stroke `action`, while it is drawn. */
export function segment({ action, colour, width, points }) {
    return new Frame(SEGMENT).forServer(1).u64(action).u32(colour).f32(width).points(points).done();
}
/** The frames of a message of the server, which holds one or several. */
export function frames(message) {
    if (message.byteLength === 0 || new DataView(message).getUint8(0) !== SEVERAL)
        return [message];
    const found = [];
    const fields = new Fields(message);
    fields.u8();
    while (fields.more) {
        const frame = fields.bytes(fields.u16());
        found.push(message.slice(frame.byteOffset, frame.byteOffset + frame.length));
    }
    return found;
}
/** What the server says; `null` for a kind this page does not know. What breaks a rule of the wire is `Malformed`. */
export function decode(buffer) {
    const fields = new Fields(buffer);
    switch (fields.u8()) {
        case STROKE:
            return { kind: 'stroke', ...ordered(fields), ...pen(fields), points: points(fields) };
        case CHAT:
            return {
                kind: 'chat', ...ordered(fields), colour: colour(fields), name: fields.text(within(fields.u8(), 0, NAME_MAX)),
                text: said(fields),
            };
        case NOTE:
            return {
                kind: 'note', ...ordered(fields), colour: colour(fields), x: coordinate(fields), y: coordinate(fields),
                size: fields.f32(LETTERS_MIN, LETTERS_MAX), text: said(fields),
            };
        case IMAGE:
            return {
                kind: 'image', ...ordered(fields), x: coordinate(fields), y: coordinate(fields), width: side(fields),
                height: side(fields), file: fields.bytes(),
            };
        case CLEAR:
            return { kind: 'clear', ...ordered(fields) };
        case HIDE:
            return { kind: 'hide', ...ordered(fields), revisions: fields.numbers() };
        case SHOW:
            return { kind: 'show', ...ordered(fields), revisions: fields.numbers() };
        case CURSOR:
            return { kind: 'cursor', author: fields.u64(), x: coordinate(fields), y: coordinate(fields) };
        case HERE:
            return { kind: 'here', author: fields.u64(), colour: colour(fields), name: fields.text() };
        case SEGMENT:
            return { kind: 'segment', author: fields.u64(), action: fields.u64(), ...pen(fields), points: points(fields) };
        case LEFT:
            return { kind: 'left', author: fields.u64() };
        case WELCOME:
            return {
                kind: 'welcome', version: fields.u8(), store: fields.u64(), revision: fields.number(), author: fields.u64(),
            };
        case LIVE:
            return { kind: 'live', next: fields.number() };
        case ACK:
            return { kind: 'ack', action: fields.u64(), revision: fields.number() };
        case BUSY:
            return { kind: 'busy', action: fields.u64() };
        case REFUSED:
            return { kind: 'refused', action: fields.u64(), reason: fields.text() };
        case TROUBLE:
            return { kind: 'trouble', reason: fields.text() };
        case MISSED:
            return { kind: 'missed', actions: fields.number(), moments: fields.number() };
        case PACE:
            return { kind: 'pace', interval: fields.u16() };
        case ALIVE:
            return { kind: 'alive' };
        default:
            return null;
    }
}
function began(kind, action) {
    return new Frame(kind).forServer(2).u64(action);
}
function flag(kind, { action, revisions }) {
    const frame = began(kind, action);
    for (const revision of revisions)
        frame.u64(revision);
    return frame.done();
}
function ordered(fields) {
    return { author: fields.u64(), revision: fields.number(), action: fields.u64() };
}
function pen(fields) {
    return { colour: colour(fields), width: fields.f32(Number.MIN_VALUE, WIDTH_MAX) };
}
function colour(fields) {
    return within(fields.u32(), 0, 0xffffff);
}
function coordinate(fields) {
    return fields.f32(-COORDINATE_MAX, COORDINATE_MAX);
}
function side(fields) {
    return fields.f32(Number.MIN_VALUE, COORDINATE_MAX);
}
function points(fields) {
    if (!fields.more)
        throw new Malformed('a line without points');
    const values = [];
    while (fields.more)
        values.push(coordinate(fields), coordinate(fields), fields.u8());
    return values;
}
function said(fields) {
    const bytes = fields.bytes();
    within(bytes.length, 1, TEXT_MAX);
    return new TextDecoder().decode(bytes);
}
