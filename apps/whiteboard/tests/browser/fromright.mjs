// Texts that are written from the right: Hebrew, Arabic, and others with them.

import assert from 'node:assert/strict';

import { draw, ink, live, picture, scene, settled, until } from './harness.mjs';

const SHALOM = '\u05e9\u05dc\u05d5\u05dd';
/** A sentence whose end is on its left, and which holds a word that is not turned round. */
const HEBREW = `${SHALOM} Rust, \u05de\u05d4 \u05e9\u05dc\u05d5\u05de\u05da?`;

/** Where there is ink in a row of boxes of a window: for each whether its middle part is dark. */
const dark = (page, [left, top, right, bottom], parts) => page.evaluate(([l, t, r, b, count]) => {
  const canvas = document.querySelector('#still');
  const wide = (r - l) / count;
  return Array.from({ length: count }, (_, at) => {
    const { data } = canvas.getContext('2d').getImageData(l + at * wide, t, Math.max(1, wide), b - t);
    return data.filter((value, index) => index % 4 === 3 && value > 100).length;
  });
}, [left, top, right, bottom, parts]);

scene('a note that is written from the right grows to the left, and lies where it was written', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.keyboard.press('t');
  await a.mouse.click(700, 300);
  await a.keyboard.type(`${HEBREW}\n${SHALOM}`);
  const area = await a.locator('#writing textarea').boundingBox();
  assert.equal(await a.locator('#writing textarea').evaluate((field) => getComputedStyle(field).direction), 'rtl');
  assert.ok(Math.abs(area.x + area.width - 700) < 3, `${JSON.stringify(area)} ends where the click was`);
  await picture(a, 'desktop-from-right');
  await a.keyboard.press('Control+Enter');
  await settled(b, 1);
  const { box: [left, top, right, bottom] } = await until(b, ({ drawn }) => drawn > 300, 'the note');
  assert.ok(right <= 703 && right > 690, `${[left, right]}`);
  assert.ok(Math.abs((await ink(a)).box[0] - left) < 1);
  // The question mark ends the first line, on its left; the second line is short, and lies on the right.
  const second = await dark(b, [left, (top + bottom) / 2 + 4, right, bottom], 2);
  assert.ok(second[0] === 0 && second[1] > 50, `${second}: the second line is on the right`);
  const plain = await world.open({ path: '/b/plain' });
  await plain.keyboard.press('t');
  await plain.mouse.click(400, 300);
  await plain.keyboard.type('?');
  await plain.keyboard.press('Escape');
  await settled(plain, 2);
  const mark = await until(plain, ({ drawn }) => drawn > 10, 'a question mark');
  const wide = mark.box[2] - mark.box[0];
  const find = await dark(b, [left, top, left + wide, (top + bottom) / 2], 1);
  assert.ok(Math.abs(find[0] - mark.drawn) < 0.8 * mark.drawn, `${find} of ${mark.drawn} pixels: the question mark is on the left`);

  // Written anew, it stays where it is.
  await b.keyboard.press('h');
  await b.mouse.dblclick(690, top + 10);
  const again = await b.locator('#writing textarea').boundingBox();
  assert.ok(Math.abs(again.x - area.x) < 3 && Math.abs(again.x + again.width - area.x - area.width) < 3, JSON.stringify([again, area]));
  await b.keyboard.press('Control+End');
  await b.keyboard.type('!');
  await b.keyboard.press('Escape');
  await settled(a, 4);
  const longer = await until(a, ({ drawn }) => drawn > 300, 'the note');
  assert.ok(Math.abs(longer.box[2] - right) < 2 && Math.abs(longer.box[0] - left) < 2, `${longer.box}`);
});

scene('the marks that such texts need stay, and those that turn others round do not', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.keyboard.press('t');
  await a.mouse.click(700, 300);
  await a.locator('#writing textarea').fill(`C++\u200e ${SHALOM}!\u200f\u202e`);
  await a.keyboard.press('Escape');
  await settled(a, 1);
  await b.locator('#notes li').waitFor({ state: 'attached' });
  assert.equal(await b.locator('#notes li').textContent(), `C++\u200e ${SHALOM}!\u200f`);
  await a.keyboard.press('t');
  await a.mouse.click(300, 600);
  await a.keyboard.type('\u200f\u200f');
  await a.keyboard.press('Escape');
  await a.keyboard.press('p');
  await draw(a, [[300, 500], [400, 500]]);
  await settled(b, 2);
  assert.equal(await b.locator('#notes li').count(), 1, 'marks alone are no note');
});

scene('names and what is said have the direction that they are written in', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.locator('#me-toggle').click();
  assert.equal(await a.locator('#me-name').evaluate((field) => {
    field.value = '\u05d0';
    return getComputedStyle(field).direction;
  }), 'rtl');
  await a.locator('#me-name').fill(`${SHALOM} (2)\u200f`);
  await a.locator('#me-name').press('Enter');
  await b.locator('#people-list bdi', { hasText: `${SHALOM} (2)\u200f` }).waitFor({ state: 'attached' });
  assert.match(await b.locator('#people').getAttribute('aria-label'), /^2 here: you, \u2068.*\u2069$/);
  await a.mouse.move(400, 400);
  await a.mouse.move(420, 420);
  await b.locator('.cursor bdi.tag').waitFor();
  await a.locator('#chat-toggle').click();
  await a.locator('#chat textarea').fill(HEBREW);
  assert.equal(await a.locator('#chat textarea').evaluate((field) => getComputedStyle(field).direction), 'rtl');
  await a.locator('#chat textarea').press('Enter');
  await a.locator('#chat textarea').fill('and English');
  assert.equal(await a.locator('#chat textarea').evaluate((field) => getComputedStyle(field).direction), 'ltr');
  await a.locator('#chat textarea').press('Enter');
  await settled(b, 2);
  await b.locator('#chat-toggle').click();
  await picture(b, 'desktop-chat-from-right');
  assert.deepEqual(
    await b.locator('#messages .text').evaluateAll((all) => all.map((text) => getComputedStyle(text).direction)),
    ['rtl', 'ltr'],
  );
  await a.locator('#chat textarea').fill(`English and more of it\n${SHALOM}`);
  await a.locator('#chat textarea').press('Enter');
  await settled(b, 3);
  const [first, second] = await b.locator('#messages .text').last().evaluate((text) => text.textContent.split('\n').map((line) => {
    const range = document.createRange();
    const from = text.textContent.indexOf(line);
    range.setStart(text.firstChild, from);
    range.setEnd(text.firstChild, from + line.length);
    const { left, right } = range.getBoundingClientRect();
    return { left, right };
  }));
  assert.ok(second.left > first.left + 40 && Math.abs(second.right - first.right) < 2, 'each line begins on its own side');
  assert.equal(await b.locator('#messages .who bdi').first().textContent(), `${SHALOM} (2)\u200f`);
  await a.locator('#chat-close').click();
  await a.locator('#me-toggle').click();
  await a.locator('#me-name').fill('\u200f \u200e');
  await a.keyboard.press('Escape');
  await a.reload();
  await live(a);
  assert.match(await a.locator('#me-toggle').getAttribute('title'), new RegExp(SHALOM), 'a name that nobody sees is none');
});
