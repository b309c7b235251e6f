// Random frames, right and wrong, for what reads them in the page and for the board: without a browser.
//
//   SECONDS=60 SEED=7 node attack/frames.mjs
//
// Each case has a seed of its own, which a failure tells; without SEED the first is another each time.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Board } from '../../../page/built/board.js';
import { Editor } from '../../../page/built/editor.js';
import { decode, frames } from '../../../page/built/protocol.js';
import { Malformed } from '../../../page/built/wire.js';
import * as wire from './wire.mjs';

const SECONDS = Number(process.env.SECONDS ?? 3);
const FIRST = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers that follow from the seed alone. */
class Dice {
  #state;

  constructor(seed) {
    this.#state = seed | 0;
  }

  /** From 0, below `most`. */
  below(most) {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * most);
  }

  of(choices) {
    return choices[this.below(choices.length)];
  }

  list(most, make) {
    return Array.from({ length: this.below(most + 1) }, (_, at) => make(at));
  }
}

/** Tries cases, each with its own seed, for as long as there is time. */
function tried(play) {
  const end = Date.now() + SECONDS * 1000;
  let cases = 0;
  for (; Date.now() < end || cases < 10; cases += 1) {
    const seed = FIRST + cases;
    try {
      play(new Dice(seed));
    } catch (error) {
      throw new Error(`SEED=${seed} node attack/frames.mjs`, { cause: error });
    }
  }
  return cases;
}

/** A frame of any kind that keeps the rules. */
function rightFrame(dice, revision) {
  const author = dice.below(4);
  const order = { author, revision, action: dice.below(8) };
  const points = [0, ...dice.list(8, (at) => at)].flatMap(() => [dice.below(30_000) - 15_000, dice.below(900), dice.below(256)]);
  const targets = [1, ...dice.list(20, () => dice.below(revision + 3))];
  return dice.of([
    () => wire.stroke(order, points, 1 + dice.below(200)),
    () => wire.chat(order, 'said', dice.of(['', 'Eve', '\u05e9'])),
    () => wire.note(order, [dice.below(99), dice.below(99)], 'x'.repeat(1 + dice.below(960))),
    () => wire.image(order, [0, 0, 1 + dice.below(900), 1 + dice.below(900)], Buffer.alloc(1 + dice.below(99))),
    () => wire.clear(order),
    () => wire.hide(order, targets),
    () => wire.show(order, targets),
    () => wire.segment(author, dice.below(8), points, 1 + dice.below(200)),
    () => wire.left(author),
    () => wire.welcome(revision, author),
    () => wire.live(revision),
    () => wire.ack(dice.below(8), revision),
  ])();
}

const EXTREMES = ['0000c07f', '0000807f', 'ffffffff', '00000000', '00000080', 'ffffff7f', '87ffff87', 'ffffffffffffffff'];

/** What is left of a message when somebody has had it. */
function spoiled(dice, message) {
  const bytes = Buffer.from(message);
  const at = dice.below(bytes.length);
  return dice.of([
    () => bytes,
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes, bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + dice.below(9)))]),
    () => {
      bytes[at] = dice.below(256);
      return bytes;
    },
    () => {
      Buffer.from(dice.of(EXTREMES), 'hex').copy(bytes, at);
      return bytes;
    },
    () => Buffer.concat([Buffer.from([135]), Buffer.from([bytes.length & 255, bytes.length >> 8]), bytes]),
    () => Buffer.concat([Buffer.from([135, 0, 0, 255, 255]), bytes]),
  ])();
}

const buffer = (bytes) => new Uint8Array(bytes).buffer;

/** What comes of a message: what it says as far as that is known, or nothing if it is malformed. */
function read(message) {
  try {
    return frames(buffer(message)).map((frame) => decode(frame)).filter((said) => said !== null);
  } catch (error) {
    assert.ok(error instanceof Malformed, `not a ${error?.stack}`);
    return [];
  }
}

test('whatever comes is read, or is malformed, and what is read has numbers that are numbers', () => {
  let [right, wrong] = [0, 0];
  tried((dice) => {
    const parts = [rightFrame(dice, 1), ...dice.list(5, (at) => rightFrame(dice, at + 2))];
    const [message] = dice.of([() => wire.several(parts), () => [parts[0]]])();
    assert.ok(read(message).length > 0, 'what keeps the rules is read');
    let bytes = message;
    for (let times = 1 + dice.below(4); times > 0 && bytes.length > 0; times -= 1) bytes = spoiled(dice, bytes);
    const said = read(bytes);
    if (said.length > 0) right += 1;
    else wrong += 1;
    for (const { kind, ...fields } of said) {
      for (const [name, value] of Object.entries(fields)) {
        for (const one of Array.isArray(value) ? value : [value]) {
          assert.ok(typeof one !== 'number' || Number.isFinite(one), `${kind}: ${name} is ${one}`);
        }
      }
      assert.ok(fields.points === undefined || (fields.points.length > 0 && fields.points.length % 3 === 0), `${kind}`);
    }
  });
  assert.ok(right > 0 && wrong > 0, `${right} were read and ${wrong} were malformed`);
});

/** Objects as the README tells of them, counted anew each time. */
class Model {
  objects = [];
  #made = 0;

  /** Own objects that have no place come after all that have. */
  hold(action, kind) {
    this.#made += 1;
    this.objects.push({ action, kind, revision: 0, order: 2 ** 52 + this.#made, own: true, hidden: false });
  }

  place({ action, kind, revision }, mine) {
    const own = this.objects.find((object) => mine && object.own && object.action === action);
    this.objects = this.objects.filter((object) => object !== own);
    const object = { ...(own ?? { action, kind, hidden: false }), revision, order: revision, own: false };
    const at = this.objects.findIndex((other) => other.own);
    this.objects.splice(at < 0 ? this.objects.length : at, 0, object);
  }

  learned(action, revision) {
    const own = this.objects.find((object) => object.own && object.action === action);
    if (own) own.order = revision;
  }

  drop(action) {
    this.objects = this.objects.filter((object) => !(object.own && object.action === action));
  }

  flag({ kind, revisions }) {
    for (const object of this.objects) if (!object.own && revisions.includes(object.revision)) object.hidden = kind === 'hide';
  }

  seen() {
    const clears = this.objects.filter(({ kind, hidden }) => kind === 'clear' && !hidden);
    const cleared = Math.max(0, ...clears.map(({ order }) => order));
    return this.objects.filter(({ kind, hidden, order }) => kind !== 'clear' && !hidden && order > cleared).map(({ action }) => action);
  }
}

/** Plays a board and its model side by side; `heard(message)` is what the board is told of a message. */
function sideBySide(dice, heard = (message) => message) {
  const [board, model] = [new Board(() => 1), new Model()];
  const editor = new Editor(board, { add() {}, settle() {} }, () => 0n);
  const points = [0, 0, 128, 5, 5, 128];
  /** Own actions on their way, in the order of their making. */
  const open = [];
  let revision = 0;
  for (let left = 1 + dice.below(60); left > 0; left -= 1) {
    const kind = dice.of(['stroke', 'clear']);
    // Others use the same ids.
    const action = BigInt(1 + dice.below(30));
    dice.of([
      () => {
        revision += 1;
        const message = { kind, author: 9n, revision, action, colour: 0, width: 4, points };
        editor.placed(message, false);
        model.place(message, false);
      },
      () => {
        if (open.some((own) => own.action === action)) return;
        const shape = { kind, action, colour: 0, width: 4, points };
        open.push({ ...shape, revision: 0 });
        editor.make(shape, editor.step('it'));
        model.hold(action, kind);
      },
      () => {
        const own = open.shift();
        if (!own) return;
        const at = own.revision || (revision += 1);
        editor.placed({ ...own, author: 1n, revision: at }, true);
        model.place({ ...own, revision: at }, true);
      },
      () => {
        // It is known to be on disk before it comes.
        const own = open[0];
        if (!own || own.revision > 0) return;
        own.revision = revision += 1;
        editor.acked(own.action, own.revision);
        model.learned(own.action, own.revision);
        open.shift();
        editor.placed({ ...own, author: 1n }, true);
        model.place(own, true);
      },
      () => {
        const own = open.pop();
        if (!own) return;
        editor.refused(own.action);
        model.drop(own.action);
      },
      () => {
        const message = { kind: dice.of(['hide', 'show']), author: 9n, action, revisions: [1, ...dice.list(9, () => dice.below(revision + 2))] };
        model.flag(message);
        board.flag(heard(message), false);
      },
    ])();
    assert.deepEqual([...board.seen()].map(({ shape }) => shape.action), model.seen());
  }
}

test('what is seen is what a count of all that came says, and a board that misses a clear is noticed', () => {
  tried((dice) => sideBySide(dice));
  const deaf = (message) => ({ ...message, revisions: message.revisions.slice(0, -1) });
  assert.throws(() => tried((dice) => sideBySide(dice, deaf)), /SEED=/);
});
