// Strokes that are begun and never finished.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Unfinished } from '../../../page/built/unfinished.js';
import { draw, scene, ink } from '../harness.mjs';
import { screens, told } from './told.mjs';
import { segment } from './wire.mjs';

/** A piece of 25 points that goes to and fro over the window. */
const piece = (seed) => Array.from({ length: 25 }, (_, at) => [((seed * 37 + at * 151) % 1200) - 600, ((seed * 53 + at * 97) % 700) - 350, at + 100]).flat();

/** Counts the lines that are drawn on the canvas of others' strokes: in all, and at most for one frame of the screen. */
const counted = (page) => page.addInitScript(() => {
  const drawn = { lines: 0, most: 0, frame: 0 };
  window.drawn = drawn;
  for (const name of ['fill', 'stroke']) {
    const given = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function counting(...what) {
      if (this.canvas.id === 'others') {
        drawn.lines += 1;
        drawn.frame += 1;
        drawn.most = Math.max(drawn.most, drawn.frame);
      }
      return given.apply(this, what);
    };
  }
  const ask = window.requestAnimationFrame;
  window.requestAnimationFrame = (work) => ask((now) => {
    drawn.frame = 0;
    work(now);
  });
});

scene('a flood of unfinished strokes is drawn bit by bit, each bit once, and one draws beside it', async (world) => {
  const { page, say } = await told(world, [], { prepare: counted });
  for (let round = 0; round < 20; round += 1) {
    say(Array.from({ length: 200 }, (_, at) => segment(100 + (at % 10), 500 + at, piece(round * 200 + at), 100)));
  }
  await page.locator('body[data-live="80"]').waitFor();
  await draw(page, [[300, 300], [600, 500]]);
  assert.equal(await page.locator('body').getAttribute('data-unacked'), '1', 'the own stroke is made');
  await screens(page, 5);
  const { most } = await page.evaluate(() => window.drawn);
  assert.ok(most > 0 && most <= 121, `${most} lines in a frame`);
});

scene('what grows is drawn from where it ended', async (world) => {
  const { page, say } = await told(world, [], { prepare: counted });
  const total = 60;
  for (let at = 0; at < total; at += 1) {
    say([segment(100, 500, piece(at), 4)]);
    await screens(page, 1);
  }
  await screens(page, 2);
  const { lines } = await page.evaluate(() => window.drawn);
  assert.ok(lines >= total / 2 && lines <= 2 * total + 1, `${lines} paths were drawn of ${total} pieces`);
  assert.ok((await ink(page, '#others')).drawn > 10_000);
});

test('unfinished strokes are bounded for each author, and together, in number and in points', () => {
  const strokes = new Unfinished();
  const grow = (author, action, points, now = 0) =>
    strokes.grow({ kind: 'segment', author, action, colour: 0, width: 4, points }, now);
  const points = () => [...strokes].reduce((sum, stroke) => sum + stroke.points.length / 3, 0);
  for (let action = 1n; action <= 100n; action += 1n) grow(1n, action, piece(1));
  assert.deepEqual([...strokes].map(({ action }) => action), [93n, 94n, 95n, 96n, 97n, 98n, 99n, 100n]);
  for (let more = 0; more < 1000; more += 1) grow(1n, 100n, piece(more));
  assert.ok(points() <= 1814 + 7 * 25, `${points()} points`);
  for (let author = 2n; author <= 600n; author += 1n) grow(author, 1n, piece(1));
  assert.equal(strokes.size, 256);
  for (let author = 1000n; author < 1100n; author += 1n) for (let more = 0; more < 70; more += 1) grow(author, 1n, piece(more));
  assert.ok(points() <= 20_000 && points() > 15_000, `${points()} points`);
  assert.equal([...strokes].at(-1).author, 1099n, 'who draws now is seen');
  strokes.tidy(15_001);
  assert.equal(strokes.size, 0);
  grow(1n, 1n, piece(1));
  assert.equal(points(), 25, 'and all was counted');
});
