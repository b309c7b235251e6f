// @ts-nocheck
// Puts the page together: what the pen and the chat do goes out, what the server says comes in.
import { Board } from './board.js';
import { Chat } from './chat.js';
import { Connection } from './connection.js';
import { Health } from './health.js';
import { Ink, css } from './ink.js';
import { Outbox, newAction } from './outbox.js';
import { attachPen } from './pen.js';
import { People } from './people.js';
import * as protocol from './protocol.js';
import { Status } from './status.js';
const COLOURS = [0x1f5fbf, 0xc2410c, 0x15803d, 0x7c3aed, 0xbe185d, 0x0e7490, 0xa16207, 0x334155];
/** How often segments and cursors go out while they change. */
const MOMENT = 33;
const HEARTBEAT = 5000;
const client = crypto.getRandomValues(new Uint8Array(16));
const colour = COLOURS[client[0] % COLOURS.length];
document.body.style.setProperty('--pen', css(colour));
const canvas = document.querySelector('#moving');
const status = new Status();
const board = new Board();
const ink = new Ink(document.querySelector('#still'), canvas, () => board.strokes.forEach((stroke) => ink.finish(stroke)), () => board.moving());
const people = new People(document.querySelector('#cursors'), (x, y) => ink.toWindow(x, y));
const connection = new Connection({ opened, received, lost });
const outbox = new Outbox((frame) => connection.send(frame), (count) => { status.unacked = count; });
const chat = new Chat((text) => {
    const action = newAction();
    outbox.add(action, protocol.chat({ action, colour, text }));
    return action;
}, colour);
/** The board's number, once known. */
let boardNumber = null;
/** The author numbers this page has had; each connection gives it a new one. */
const mine = new Set();
/** The stroke that is drawn now, and how many of its values others have been sent. */
let drawing = null;
let sent = 0;
/** Where this page points, while others do not know it. */
let pointing = null;
attachPen(canvas, ink, colour, newAction, {
    begun(stroke) {
        drawing = stroke;
        sent = 0;
        board.hold(stroke);
        ink.moved();
    },
    grown() {
        ink.moved();
    },
    ended(stroke) {
        sendSegments();
        drawing = null;
        outbox.add(stroke.action, protocol.stroke(stroke));
        ink.moved();
    },
    pointed(x, y) {
        pointing = { colour, x, y };
    },
});
function sendSegments() {
    while (drawing && sent < drawing.points.length) {
        const points = drawing.points.slice(sent, sent + 2 * protocol.SEGMENT_POINTS_MAX);
        connection.send(protocol.segment({ ...drawing, points }));
        sent += points.length;
    }
}
setInterval(() => {
    sendSegments();
    if (pointing)
        connection.send(protocol.cursor(pointing));
    pointing = null;
}, MOMENT);
setInterval(() => {
    connection.send(protocol.heartbeat());
    const now = performance.now();
    if (board.tidy(now))
        ink.moved();
    people.tidy(now);
    showOthers();
}, HEARTBEAT);
function showOthers() {
    status.people = people.count;
    status.live = board.live;
}
function opened() {
    connection.send(protocol.hello(client, board.revision));
}
function lost(reason) {
    outbox.disconnected();
    board.disconnected();
    people.everyoneLeft();
    ink.moved();
    showOthers();
    status.state = 'reconnecting';
    if (reason)
        status.remark(`Connection closed: ${reason}`);
}
function received(buffer) {
    const message = protocol.decode(buffer);
    if (message)
        handlers[message.kind](message);
}
/** An action at its place in the order; one that is here already is not taken again. */
function ordered(message, take) {
    if (message.revision <= board.revision)
        return;
    board.revision = message.revision;
    status.revision = message.revision;
    take(message, mine.has(message.author));
}
const handlers = {
    welcome({ board: number, author, revision }) {
        if ((boardNumber !== null && boardNumber !== number) || revision < board.revision) {
            boardNumber = number;
            board.reset();
            chat.reset();
            ink.clear();
            status.revision = 0;
            connection.restart();
            return;
        }
        boardNumber = number;
        mine.add(author);
        status.state = 'catching-up';
        connection.send(protocol.heartbeat());
        outbox.connected();
    },
    live() {
        connection.settled();
        status.state = 'live';
    },
    missed({ actions, moments }) {
        status.state = 'catching-up';
        status.remark(`Missed ${actions + moments}, catching up`);
    },
    ack({ action }) {
        outbox.settle(action);
    },
    busy({ action }) {
        outbox.busy(action);
    },
    refused({ action, reason }) {
        outbox.settle(action);
        board.drop(action);
        chat.drop(action);
        ink.moved();
        status.remark(`Not taken: ${reason}`);
    },
    stroke(message) {
        ordered(message, (stroke, own) => {
            board.finish(stroke, own);
            ink.finish(stroke);
            ink.moved();
            showOthers();
        });
    },
    chat(message) {
        ordered(message, (said, own) => chat.show(said, own));
    },
    segment(message) {
        board.grow(message, performance.now());
        ink.moved();
        showOthers();
    },
    cursor(message) {
        people.moved(message, performance.now());
        showOthers();
    },
    heartbeat({ author }) {
        people.seen(author, performance.now());
        showOthers();
    },
    left({ author }) {
        board.left(author);
        people.left(author);
        ink.moved();
        showOthers();
    },
};
addEventListener('beforeunload', (event) => {
    // What is not saved is in this page only.
    if (Number(document.body.dataset.unacked) > 0)
        event.preventDefault();
});
new Health();
showOthers();
connection.open();
