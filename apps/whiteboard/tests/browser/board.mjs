// What is seen of a board, and what a person's steps send: without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Board } from '../../page/built/board.js';
import { Camera } from '../../page/built/camera.js';
import { Editor } from '../../page/built/editor.js';
import { Outbox } from '../../page/built/outbox.js';
import { decode } from '../../page/built/protocol.js';
import { distance, touches } from '../../page/built/geometry.js';

const stroke = (action, x = 0) => ({ kind: 'stroke', action, colour: 1, width: 4, points: [x, 0, 128, x + 10, 0, 128] });

/** A board with a server that answers when it is told to. */
function desk() {
  const board = new Board((text, size) => text.length * size);
  const drawn = { added: [], changed: [] };
  board.watch({ added: (item) => drawn.added.push(item), changed: (box) => drawn.changed.push(box), moving() {} });
  const sent = [];
  const waiting = new Set();
  const sender = {
    add(action, frame, alone = false) {
      sent.push({ ...decode(frame), alone });
      waiting.add(action);
    },
    settle: (action) => waiting.delete(action),
  };
  let [actions, revision] = [0n, 0];
  const editor = new Editor(board, sender, () => (actions += 1n));
  const order = (message, mine = false) => {
    revision += 1;
    const ordered = { author: 1n, ...message, revision };
    board.revision = revision;
    if (message.kind === 'hide' || message.kind === 'show') board.flag(ordered, mine);
    else editor.placed(ordered, mine);
    return revision;
  };
  return {
    board, editor, drawn, sent, waiting, order,
    seen: () => [...board.seen()].map(({ shape }) => shape.action),
    make(what = 'a line') {
      const step = editor.step(what);
      const action = (actions += 1n);
      editor.make(stroke(action), step);
      return action;
    },
    /** The server orders and acknowledges everything it was sent. */
    serve() {
      for (const message of sent.splice(0)) {
        const at = order(message, true);
        editor.acked(message.action, at);
      }
    },
  };
}

test('an object is seen unless it is hidden or a clear comes after it', () => {
  const { order, seen, board } = desk();
  const first = order(stroke(101n));
  const clear = order({ kind: 'clear', action: 102n });
  order(stroke(103n));
  assert.deepEqual(seen(), [103n]);
  order({ kind: 'hide', action: 104n, revisions: [clear] });
  assert.deepEqual(seen(), [101n, 103n]);
  order({ kind: 'hide', action: 105n, revisions: [first, 999] });
  assert.deepEqual(seen(), [103n]);
  order({ kind: 'show', action: 106n, revisions: [clear, first] });
  assert.deepEqual(seen(), [103n], 'it is not hidden, and the clear is there again');
  order({ kind: 'hide', action: 107n, revisions: [clear] });
  assert.deepEqual(seen(), [101n, 103n]);
  order({ kind: 'clear', action: 108n });
  order({ kind: 'clear', action: 109n });
  assert.deepEqual(seen(), []);
  order({ kind: 'hide', action: 110n, revisions: [board.revision] });
  assert.deepEqual(seen(), [], 'there is one more clear');
});

test('a hide of what is not known means nothing, also later', () => {
  const { order, seen } = desk();
  order({ kind: 'hide', action: 101n, revisions: [2] });
  order(stroke(102n));
  assert.deepEqual(seen(), [102n]);
});

test('an own object is seen at once, once, and above what came meanwhile', () => {
  const { make, order, seen, serve, drawn } = desk();
  const own = make();
  assert.deepEqual(seen(), [own]);
  assert.equal(drawn.added.length, 1);
  order(stroke(101n));
  assert.deepEqual(seen(), [101n, own]);
  assert.equal(drawn.added.length, 1, 'what comes under it is not drawn on top of it');
  assert.equal(drawn.changed.length, 1);
  serve();
  assert.deepEqual(seen(), [101n, own]);
  assert.equal(drawn.changed.length, 1, 'and nothing has to be drawn when it comes back');
});

test('what the server refuses is gone, and is no step', () => {
  const { make, seen, editor, waiting } = desk();
  const action = make();
  editor.refused(action);
  assert.deepEqual(seen(), []);
  assert.equal(editor.canUndo, false);
  assert.equal(waiting.size, 0);
});

test('undo of what has no revision hides it here, and elsewhere when it has one', () => {
  const { make, editor, sent, seen, serve } = desk();
  const action = make();
  assert.equal(editor.undo(), 'a line');
  assert.deepEqual(seen(), []);
  assert.deepEqual(sent.map(({ kind }) => kind), ['stroke']);
  serve();
  assert.deepEqual(sent.map(({ kind, revisions }) => [kind, revisions]), [['hide', [1]]]);
  assert.deepEqual(seen(), []);
  serve();
  assert.deepEqual(seen(), []);
  editor.redo();
  assert.deepEqual(seen(), [action]);
  assert.deepEqual(sent.map(({ kind, revisions }) => [kind, revisions]), [['show', [1]]]);
});

test('undone and done again before the server knew of it: nothing more is sent', () => {
  const { make, editor, sent, seen, serve } = desk();
  const action = make();
  editor.undo();
  editor.redo();
  serve();
  assert.deepEqual(sent, []);
  assert.deepEqual(seen(), [action]);
});

test('the last wish counts here, whatever of the earlier ones comes back', () => {
  const { make, editor, sent, seen, serve, order } = desk();
  const action = make();
  serve();
  editor.undo();
  const [hide] = sent.splice(0);
  editor.redo();
  assert.deepEqual(seen(), [action]);
  editor.acked(hide.action, order(hide, true));
  assert.deepEqual(seen(), [action], 'the show is on its way');
  serve();
  assert.deepEqual(seen(), [action]);
});

test('a step that erased more than an action names becomes several actions, one step', () => {
  const { board, editor, order, sent, seen, serve } = desk();
  for (let count = 1; count <= 2500; count += 1) order(stroke(BigInt(10_000 + count)));
  editor.erase([...board.seen()], editor.step('erasing'));
  assert.deepEqual(seen(), []);
  assert.deepEqual(sent.map(({ kind, revisions, alone }) => [kind, revisions.length, alone]), [
    ['hide', 1000, true], ['hide', 1000, true], ['hide', 500, true],
  ]);
  serve();
  editor.undo();
  serve();
  assert.equal(seen().length, 2500);
});

test('one certain step can be undone, whatever came after it', () => {
  const { make, editor, seen, serve } = desk();
  const before = make();
  const clear = editor.clear();
  const after = make();
  assert.deepEqual(seen(), [after]);
  serve();
  editor.undo(clear);
  assert.deepEqual(seen(), [before, after]);
  serve();
  assert.deepEqual(seen(), [before, after]);
  assert.equal(editor.undo(clear), undefined);
  assert.equal(editor.redo(), 'the clearing');
  assert.deepEqual(seen(), [after]);
});

test('a step of which others left nothing is passed over, and counts again when they give it back', () => {
  const { make, editor, order, sent, seen, serve } = desk();
  const [first, second] = [make(), make()];
  serve();
  order({ kind: 'hide', action: 900n, revisions: [2] });
  assert.equal(editor.undo(), 'a line');
  assert.deepEqual(sent.map(({ kind, revisions }) => [kind, revisions]), [['hide', [1]]]);
  serve();
  assert.deepEqual([editor.canUndo, editor.canRedo, editor.undo()], [false, true, undefined]);
  order({ kind: 'show', action: 901n, revisions: [2] });
  assert.deepEqual(seen(), [second]);
  assert.equal(editor.canUndo, true);
  assert.equal(editor.redo(), 'a line');
  assert.deepEqual(seen(), [first, second]);
});

test('what others did to a part of a step is theirs: undo and redo leave it', () => {
  const { board, editor, order, sent, seen, serve } = desk();
  const step = editor.step('a line');
  for (const action of [501n, 502n]) editor.make(stroke(action), step);
  serve();
  order({ kind: 'hide', action: 900n, revisions: [1] });
  editor.undo();
  assert.deepEqual(sent.map(({ kind, revisions }) => [kind, revisions]), [['hide', [2]]]);
  serve();
  editor.redo();
  serve();
  assert.deepEqual(seen(), [502n]);
  order(stroke(601n));
  editor.erase([...board.seen()], editor.step('erasing'));
  serve();
  order({ kind: 'show', action: 901n, revisions: [2] });
  editor.undo();
  serve();
  assert.deepEqual(seen(), [502n, 601n]);
  order({ kind: 'clear', action: 902n });
  assert.equal(editor.canUndo, false, 'there is nothing to be seen of it');
});

test('a new step leaves nothing to do again', () => {
  const { make, editor } = desk();
  make();
  editor.undo();
  assert.equal(editor.canRedo, true);
  make();
  assert.equal(editor.canRedo, false);
});

test('what the old store acknowledged and nobody was shown is not taken to another', () => {
  const { make, editor, seen } = desk();
  editor.acked(make(), 1);
  editor.reset();
  assert.deepEqual(seen(), []);
});

test('on another store own objects go there, and hides of the old revisions do not', () => {
  const { make, editor, seen, serve, waiting } = desk();
  make();
  serve();
  editor.undo();
  const fresh = make();
  editor.reset();
  assert.deepEqual(seen(), [fresh]);
  assert.deepEqual([...waiting], [fresh]);
  assert.equal(editor.canUndo, false);
});

test('actions overtake each other only when both may', () => {
  const sent = [];
  const outbox = new Outbox((frame) => sent.push(frame), () => {});
  for (const [action, alone] of [[1n, false], [2n, false], [3n, true], [4n, false]]) outbox.add(action, action, alone);
  outbox.connected();
  assert.deepEqual(sent, [1n, 2n]);
  outbox.settle(2n);
  assert.deepEqual(sent, [1n, 2n]);
  outbox.settle(1n);
  assert.deepEqual(sent, [1n, 2n, 3n], 'it goes alone');
  outbox.settle(3n);
  assert.deepEqual(sent, [1n, 2n, 3n, 4n]);
  outbox.disconnected();
  outbox.connected();
  assert.deepEqual(sent.slice(4), [4n], 'what is not acknowledged goes again');
});

test('the camera keeps the place under the pointer, and its bounds', () => {
  const camera = new Camera();
  camera.resize(1000, 800);
  assert.deepEqual(camera.toBoard(500, 400), [0, 0]);
  camera.pan(100, -50);
  const place = camera.toBoard(700, 100);
  camera.zoom(3, 700, 100);
  const [x, y] = camera.toWindow(...place);
  assert.ok(Math.hypot(x - 700, y - 100) < 1e-9);
  camera.zoom(1e6);
  assert.equal(camera.scale, 8);
  camera.zoom(1e-6);
  assert.equal(camera.scale, 0.05);
  camera.pan(1e9, 0);
  assert.equal(camera.toBoard(500, 400)[0], -16384);
  camera.fit({ left: 1000, top: 1000, right: 5000, bottom: 2000 });
  const { left, top, right, bottom } = camera.box;
  assert.ok(left < 1000 && top < 1000 && right > 5000 && bottom > 2000);
});

test('the camera brings what is written into the window, and moves no further than it must', () => {
  const seen = (box, begins) => {
    const camera = new Camera();
    camera.resize(400, 800);
    camera.reveal(box, begins);
    return camera.toWindow(0, 0);
  };
  const box = (left, right, top, bottom) => ({ left, right, top, bottom });
  assert.deepEqual(seen(box(-100, 100, 0, 100), 'ltr'), [200, 400], 'it is there');
  assert.deepEqual(seen(box(0, 226, 0, 100), 'ltr'), [150, 400]);
  assert.deepEqual(seen(box(-100, 900, 0, 100), 'ltr'), [124, 400], 'where it begins stays in the window');
  assert.deepEqual(seen(box(-900, 100, 0, 100), 'rtl'), [276, 400]);
  assert.deepEqual(seen(box(-300, 300, 0, 100), 'ltr'), [200, 400], 'someone has moved it away');
  assert.deepEqual(seen(box(0, 10, 0, 346), 'ltr'), [200, 370]);
  assert.deepEqual(seen(box(0, 10, -200, 900), 'ltr'), [200, 284]);
});

test('lines are as far apart as they are', () => {
  const line = { ax: 0, ay: 0, bx: 10, by: 0 };
  assert.equal(distance(line, { ax: 5, ay: -5, bx: 5, by: 5 }), 0);
  assert.equal(distance(line, { ax: 13, ay: 4, bx: 13, by: 4 }), 5);
  assert.equal(distance(line, { ax: 2, ay: 3, bx: 8, by: 7 }), 3);
  const box = { left: 0, top: 0, right: 4, bottom: 4 };
  assert.ok(touches({ ax: -1, ay: 2, bx: 9, by: 2 }, box), 'through it');
  assert.ok(touches({ ax: 1, ay: 1, bx: 1, by: 1 }, box), 'within it');
  assert.ok(!touches({ ax: -1, ay: 2, bx: -1, by: 9 }, box), 'beside it');
});
