// Objects that take much to be laid out or drawn.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LINE, WIDEST, layout } from '../../../page/built/layout.js';
import { graphemes } from '../../../page/built/text.js';
import { draw as paint } from '../../../page/built/paint.js';
import { ink, scene, settled } from '../harness.mjs';
import { screens, told } from './told.mjs';
import { note, stroke } from './wire.mjs';

/** Letters of different widths. */
const width = (text) => [...text].reduce((sum, letter) => sum + 0.3 + (letter.codePointAt(0) % 5) / 5, 0);

const TEXTS = {
  'a word': 'x'.repeat(960),
  'short words': 'xy '.repeat(320),
  'wide letters': 'W\u4e00'.repeat(240),
  'long words between short ones': `${'abc '.repeat(9)}${'d'.repeat(99)} e `.repeat(6),
};

for (const [what, text] of Object.entries(TEXTS)) {
  test(`a note of ${what} is laid out with few measurements, letter after letter where it would be with many`, () => {
    let measured = 0;
    const { lines, height } = layout(text, 10, (given, size) => {
      measured += 1;
      return width(given) * size;
    });
    assert.ok(measured <= 12 * lines.length, `${measured} measurements of ${lines.length} lines`);
    assert.equal(lines.map((line) => line.text).join(''), text);
    assert.equal(height, lines.length * 10 * LINE);
    for (const [at, line] of lines.entries()) {
      assert.ok(width(line.text.trimEnd()) <= WIDEST, 'it fits');
      const next = lines[at + 1]?.text;
      if (next) assert.ok(width(line.text + next.match(/^\S+\s*/)[0].trimEnd()) > WIDEST || width(line.text + [...graphemes(next)][0]) > WIDEST, 'no more would');
    }
  });
}

test('a line is drawn in short pieces: what a path takes that crosses itself goes up faster than its length', () => {
  let parts = 0;
  const longest = [];
  globalThis.Path2D = class {
    #length = 0;
    #part() {
      this.#length += 1;
      longest.push(this.#length);
      parts += 1;
    }
    moveTo() {}
    closePath() {}
    lineTo() { this.#part(); }
    quadraticCurveTo() { this.#part(); }
    arc() { this.#part(); }
  };
  for (const pressure of [() => 128, (at) => 1 + (at % 255)]) {
    let drawn = 0;
    const context = { stroke: () => { drawn += 1; }, fill: () => { drawn += 1; } };
    const points = Array.from({ length: 1800 }, (_, at) => [300 * Math.sin(at), 300 * Math.cos(at), pressure(at)]).flat();
    paint(context, { shape: { kind: 'stroke', colour: 0, width: 4, points } }, { colour: () => 'black' });
    assert.equal(drawn, Math.ceil(1800 / 16));
  }
  assert.ok(parts > 1800 && Math.max(0, ...longest.slice(0, 100_000)) <= 16 * 8 * 4, `${Math.max(0, ...longest.slice(0, 100_000))} parts`);
});

/** Counts the pieces of lines that are drawn on the board, at most for one frame of the screen. */
const counted = (page) => page.addInitScript(() => {
  window.drawn = { all: 0, most: 0, frame: 0, screens: 0 };
  for (const name of ['fill', 'stroke']) {
    const given = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function counting(...what) {
      if (this.canvas.id === 'still') {
        window.drawn.all += 1;
        window.drawn.frame += 1;
        window.drawn.most = Math.max(window.drawn.most, window.drawn.frame);
      }
      return given.apply(this, what);
    };
  }
  const ask = window.requestAnimationFrame;
  window.requestAnimationFrame = (work) => ask((now) => {
    window.drawn.frame = 0;
    work(now);
  });
  const screen = () => {
    window.drawn.screens += 1;
    ask(screen);
  };
  ask(screen);
});

scene('long lines that come at once are drawn a few at a time, all of them in the end', async (world) => {
  const count = 12;
  const points = Array.from({ length: 1800 }, (_, at) => [500 * Math.sin(at * 1.7), 300 * Math.cos(at * 2.3), 100 + (at % 50)]).flat();
  const { page, say } = await told(world, [], { prepare: counted });
  say(Array.from({ length: count }, (_, at) => stroke({ revision: at + 1 }, points)));
  const pieces = Math.ceil(1800 / 16);
  await page.waitForFunction((all) => window.drawn.all >= all, count * pieces);
  const { most } = await page.evaluate(() => window.drawn);
  assert.ok(most <= 2 * pieces, `${most} pieces in a frame`);
  assert.ok((await ink(page)).drawn > 10_000);
});

scene('while much is taken, the page goes on drawing', async (world) => {
  const count = 1000;
  const { page, say } = await told(world, [], { prepare: counted });
  await screens(page, 2);
  const before = await page.evaluate(() => window.drawn.screens);
  say(Array.from({ length: count }, (_, at) => note({ revision: at + 1 }, [9000, 0], `${at} ${'xy '.repeat(300)}`)));
  await settled(page, count);
  const shown = await page.evaluate((from) => window.drawn.screens - from, before);
  assert.ok(shown >= 10, `${shown} frames of the screen`);
});
