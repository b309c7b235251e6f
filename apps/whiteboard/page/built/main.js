// Puts the page together.
// The first of all.
import './token.js';
import { announce } from './announce.js';
import { Board } from './board.js';
import { Boards, boardName } from './boards.js';
import { Camera } from './camera.js';
import { Chat } from './chat.js';
import { inked } from './colours.js';
import { Describe } from './describe.js';
import { askToClear, showKeys } from './dialogs.js';
import { download, extent } from './download.js';
import { showEdge } from './edge.js';
import { Editor } from './editor.js';
import { Eraser, REACH } from './eraser.js';
import { meet } from './geometry.js';
import { Gestures } from './gestures.js';
import { Insert } from './insert.js';
import { attachKeys } from './keys.js';
import { showLocked } from './locked.js';
import { Me } from './me.js';
import { Notes } from './notes.js';
import { Outbox, newAction } from './outbox.js';
import { measure } from './paint.js';
import { readPaper } from './paper.js';
import { Pen } from './pen.js';
import { People } from './people.js';
import { Pictures } from './pictures.js';
import { chat as chatFrame } from './protocol.js';
import { Rings } from './rings.js';
import { Session } from './session.js';
import { soon } from './soon.js';
import { Status } from './status.js';
import { Theme } from './theme.js';
import { Toolbar } from './toolbar.js';
import { Travel } from './travel.js';
import { invitation, isLocked, openSession, signOut } from './unlock.js';
import { View } from './view.js';
const ZOOM = 1.25;
const find = (selector) => document.querySelector(selector);
const name = boardName();
const canvas = find('#moving');
const theme = new Theme();
const status = new Status();
new Boards((text, action) => status.remark(text, action));
const me = new Me(theme);
const rings = new Rings();
let paper = readPaper();
/** Where the pointer is on the board. */
let pointer = null;
/** The last key was Tab. */
let tabbed = false;
const ink = { colour: 0x23262d, width: 4 };
const camera = new Camera();
const board = new Board(measure);
const pictures = new Pictures((item) => (board.isSeen(item) && meet(item.box, camera.box) ? camera.scale * devicePixelRatio : 0), (item) => view.changed(item.box));
const look = {
    colour: (colour) => inked(colour, paper.dark),
    get edge() {
        return paper.edge;
    },
    picture: (item) => pictures.of(item),
};
const view = new View([find('#still'), find('#others'), canvas], camera, board, look, () => ({
    lines: pen.drawing ? [pen.drawing] : [],
    ring: pointer && bar.tool === 'eraser' && !travel.open ? ring(pointer) : null,
}));
const outbox = new Outbox((frame) => session.send(frame), (count) => { status.unacked = count; });
const editor = new Editor(board, outbox, newAction);
const pen = new Pen(editor, camera, ink, newAction, moved);
const eraser = new Eraser(board, editor, camera);
const notes = new Notes(find('#writing'), board, editor, camera, ink, newAction, () => paper.dark, said);
const insert = new Insert(editor, camera, newAction, said, (text, x, y) => notes.put(text, x, y));
const describe = new Describe(board, canvas, find('#notes'), find('#hint'));
const people = new People(find('#cursors'), (x, y) => camera.toWindow(x, y));
const chat = new Chat((text) => {
    const action = newAction();
    outbox.add(action, chatFrame({ action, colour: me.colour, name: me.name, text }));
    return action;
}, me, name);
const session = new Session(name, {
    board, editor, outbox, chat, people, status, me,
    segments: () => pen.segments(),
    arrived() {
        showAll();
        describe.update();
    },
    lost: () => void ask(),
    reset: () => pictures.reset(),
});
const travel = new Travel(name, board, camera, look, said, () => {
    notes.finish();
    moved();
});
const bar = new Toolbar(ink, {
    undo: () => undo(),
    redo, fit, ownSize,
    picture: () => insert.choose(),
    save: () => void save(),
    clear: () => void clear(),
    past: () => travel.toggle(),
    help: showKeys,
    zoomIn: () => camera.zoom(ZOOM),
    zoomOut: () => camera.zoom(1 / ZOOM),
}, moved);
function moved() {
    view.moved();
}
function said(text) {
    status.remark(text);
}
function ring({ x, y }) {
    const [left, top] = camera.toWindow(x, y);
    return { x: left, y: top, radius: REACH };
}
/** Who comes to a board that is larger than the window sees all of it first. */
function showAll() {
    const all = extent(board);
    const { left, top, right, bottom } = camera.box;
    const inside = all && all.left >= left && all.top >= top && all.right <= right && all.bottom <= bottom;
    if (all && !inside)
        camera.fit(all);
}
function undo(step) {
    const what = editor.undo(step);
    announce(what ? `Undone: ${what}` : 'Nothing to undo');
}
function redo() {
    const what = editor.redo();
    announce(what ? `Done again: ${what}` : 'Nothing to do again');
}
async function clear() {
    if (!extent(board)) {
        said('There is nothing on the board to clear.');
        return;
    }
    if (!await askToClear())
        return;
    const step = editor.clear();
    status.remark('Cleared for everyone.', { label: 'Undo', run: () => undo(step) });
}
async function save() {
    try {
        const saved = await download(board, name, look, pictures, paper.colour);
        said(saved ? 'Saved as a picture.' : 'There is nothing on the board to save.');
    }
    catch {
        said('The picture could not be made.');
    }
}
function fit() {
    const all = extent(board);
    if (all)
        camera.fit(all);
    else
        camera.home();
}
function ownSize() {
    camera.zoom(1 / camera.scale);
}
const gestures = new Gestures(canvas, camera, {
    // The past is moved, and not drawn on.
    tool: (otherEnd) => (travel.open ? null : otherEnd ? eraser : { pen, eraser, note: notes, hand: null }[bar.tool]),
    taken: () => notes.finish(),
    pointed(x, y) {
        pointer = { x, y };
        session.point(x, y);
        if (bar.tool === 'eraser')
            moved();
    },
    away() {
        pointer = null;
        moved();
    },
});
canvas.addEventListener('dblclick', ({ clientX, clientY }) => {
    const [x, y] = camera.toBoard(clientX, clientY);
    if (travel.open || bar.tool === 'eraser' || !notes.edit(x, y))
        return;
    pen.takeBackDots();
});
// While the board is shown as it was, it is moved, and nothing else.
attachKeys({
    tool: (tool) => travel.open || bar.choose(tool),
    picture: () => travel.open || insert.choose(),
    undo: () => travel.open || gestures.busy || undo(),
    redo: () => travel.open || gestures.busy || redo(),
    colour: (at) => travel.open || bar.colour(at),
    wider: (steps) => travel.open || bar.wider(steps),
    zoom: (factor) => camera.zoom(factor),
    ownSize, fit,
    pan: (dx, dy) => camera.pan(dx, dy),
    write() {
        const [x, y] = camera.toBoard(camera.width / 2, camera.height / 2);
        if (bar.tool === 'note' && !travel.open)
            notes.write(x, y);
    },
    space: (down) => gestures.space(down),
    save: () => travel.open || void save(),
    clear: () => travel.open || void clear(),
    chat: () => chat.toggle(),
    rings: () => rings.toggle(),
    past: () => travel.toggle(),
    help: showKeys,
});
theme.addEventListener('change', () => {
    paper = readPaper();
    bar.paper(paper.dark);
    notes.replace();
    view.changed(null);
    travel.renew();
});
bar.paper(paper.dark);
me.onchange = () => session.here();
me.onopen = () => void offerLeaving();
board.watch({ added() { }, changed() { }, moving: () => { status.live = board.live.size; } });
showEdge(find('#edge'), camera);
camera.watch(() => people.replace());
camera.watch(() => bar.zoomed(camera.scale));
editor.watch(soon(() => bar.history(editor.canUndo, editor.canRedo)));
// The frame around the board is for those who come to it by the keyboard.
addEventListener('keydown', ({ key }) => { tabbed = key === 'Tab'; }, true);
addEventListener('pointerdown', () => { tabbed = false; }, true);
canvas.addEventListener('focus', () => canvas.classList.toggle('reached', tabbed));
canvas.addEventListener('blur', () => canvas.classList.remove('reached'));
addEventListener('beforeunload', (event) => {
    // What is not saved, or not sent, is in this page only.
    if (Number(document.body.dataset.unacked) > 0 || notes.writing || chat.writing)
        event.preventDefault();
});
async function begin() {
    const isOpen = await openSession(() => said('The server does not answer. It is asked again and again.'));
    if (isOpen)
        session.open();
    else
        showLocked(() => session.open());
}
/** Whoever came in by a cookie may give it back. */
async function offerLeaving() {
    const locked = (await invitation().catch(() => '')) !== '';
    me.offerLeaving(locked ? () => signOut().then(() => location.reload(), () => said('The server does not answer.')) : null);
}
/** A server that has another token now lets nobody in again who does not know it. */
async function ask() {
    // One that is away is no reason to ask for a token; and once it is known, the connection comes back by itself.
    if (await isLocked().catch(() => false))
        showLocked(() => { });
}
void begin();
