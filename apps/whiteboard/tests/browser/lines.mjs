// Notes with more text than a line holds.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { ink, picture, scene, settled, until } from './harness.mjs';

/** Letters of the pen's usual width, in pixels, and the distance of their lines. */
const LETTERS = 26;
const LINE = 1.3 * LETTERS;
const WIDEST = 20 * LETTERS;

const PROSE = 'We draw the way of an order from the shop to the store, and write down at each arrow who waits for whom. '
  + 'Then we look for what could be left out.';

async function write(page, text, [x, y]) {
  await page.keyboard.press('t');
  await page.mouse.click(x, y);
  await page.locator('#writing textarea').fill(text);
}

scene('a long text goes on in the next line, where it is written and for everyone', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await write(a, PROSE, [300, 300]);
  const area = await a.locator('#writing textarea').boundingBox();
  await picture(a, 'desktop-wrapping');
  const high = Math.round(area.height / LINE);
  assert.ok(high >= 4 && high <= 7, `${high} lines`);
  await a.keyboard.press('Control+Enter');
  await settled(b, 1);
  const { box: [left, top, right, bottom], hash } = await until(b, ({ drawn }) => drawn > 1000, 'the note');
  assert.ok(left >= area.x - 2 && right <= area.x + WIDEST + 2, `${[left, right]} is no wider than ${WIDEST}`);
  assert.ok(top >= area.y - 1 && bottom <= area.y + area.height + 1 && bottom > area.y + area.height - LINE, 'as it was written');
  assert.equal((await ink(a)).hash, hash);
  await b.locator('#notes li', { hasText: PROSE }).waitFor({ state: 'attached' });
  // The eraser finds all of its lines.
  await b.keyboard.press('e');
  await b.mouse.click(320, bottom - 10);
  await settled(a, 2);
  assert.equal((await ink(a)).drawn, 0);
});

scene('lines are broken where the browser broke them while they were written', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  const said = [
    PROSE,
    'A well-known state-of-the-art so-called first-come-first-served order-by-order half-hour-by-half-hour queue-to-queue run',
    `${'w'.repeat(70)} and ${'i'.repeat(200)} end`,
    'See https://board.example/b/team-7/some/where/else?that=has&a=name#of-its-own and also src/lib.rs/and/more/of/that/kind ok',
    'one   two    three     four      five       six        seven         eight          nine           ten',
    '\u05d4\u05dc\u05d5\u05d7 \u05d4\u05d6\u05d4 '.repeat(14),
  ];
  let revision = 0;
  for (const text of said) {
    await write(a, text, [300, 250]);
    const area = await a.locator('#writing textarea').boundingBox();
    await a.keyboard.press('Escape');
    revision += 1;
    await settled(b, revision);
    const { box: [left, top, right, bottom] } = await until(b, ({ drawn }) => drawn > 1000, text);
    const slack = LINE / 2;
    assert.ok(top > area.y - 1 && top < area.y + slack, `${text} begins at ${top}, not ${area.y}`);
    assert.ok(Math.abs(bottom - area.y - area.height) < slack, `${text} ends at ${bottom}, not ${area.y + area.height}`);
    assert.ok(left > area.x - 3 && right < area.x + area.width + 3, `${text} lies in ${[left, right]}`);
    await a.keyboard.press('Control+z');
    revision += 1;
    await settled(b, revision);
  }
});

scene('what was written at another zoom has the same lines, and so has the saved picture', async (world) => {
  const page = await world.open();
  await write(page, PROSE, [300, 300]);
  await page.keyboard.press('Escape');
  await settled(page, 1);
  const { box } = await until(page, ({ drawn }) => drawn > 1000, 'the note');
  for (const key of ['-', '-', '-']) await page.keyboard.press(key);
  const small = await until(page, ({ box: now }) => now && now[3] - now[1] < 0.6 * (box[3] - box[1]), 'it is smaller');
  assert.ok(Math.abs((small.box[3] - small.box[1]) * 1.25 ** 3 - (box[3] - box[1])) < 8, 'as many lines');
  await page.mouse.dblclick((small.box[0] + small.box[2]) / 2, (small.box[1] + small.box[3]) / 2);
  const area = await page.locator('#writing textarea').boundingBox();
  assert.ok(Math.abs(area.y + area.height - small.box[3]) < LINE / 2, 'and while it is written anew');
  await page.keyboard.press('Escape');
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('[data-do=save]').click()]);
  const file = readFileSync(await download.path());
  const lines = (file.readUInt32BE(20) / 2 - 64) / LINE;
  assert.deepEqual([file.readUInt32BE(16) / 2 - 64, Math.abs(lines - Math.round(lines)) < 0.05], [WIDEST, true]);
  assert.equal(Math.round(lines), Math.round(area.height * 1.25 ** 3 / LINE));
});
