// Notes: written in place, and written anew.

import assert from 'node:assert/strict';

import { assertBox, ink, live, picture, scene, settled, until } from './harness.mjs';

const texts = (page) => page.locator('#notes li').allTextContents();

scene('a note is typed where it will stand, and is text whatever it contains', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  const said = '<img src=x onerror=alert(1)> & h\u00e9llo\nand \u2713';
  await a.keyboard.press('t');
  await a.mouse.click(400, 300);
  await a.keyboard.type(said);
  const area = await a.locator('#writing textarea').boundingBox();
  await picture(a, 'desktop-writing');
  await a.keyboard.press('Control+Enter');
  await settled(a, 1);
  await settled(b, 1);
  const seen = await until(b, ({ drawn }) => drawn > 300, 'the note');
  assert.ok(seen.box[0] >= area.x - 2 && seen.box[1] >= area.y - 2, `${seen.box} begins in ${JSON.stringify(area)}`);
  assert.ok(seen.box[3] <= area.y + area.height + 2, `${seen.box} ends in ${JSON.stringify(area)}`);
  assert.deepEqual(await ink(a), seen);
  await b.locator('#notes li').waitFor({ state: 'attached' });
  assert.deepEqual(await texts(b), [said]);
  assert.equal(await b.locator('#notes img').count(), 0);
});

scene('what was typed is kept by Escape and by a click outside, and undo takes it back', async (world) => {
  const page = await world.open();
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  await page.mouse.click(400, 300);
  await page.keyboard.type('an hour of work');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#writing textarea').count(), 0);
  await settled(page, 1);
  await page.locator('#notes li', { hasText: /^an hour of work$/ }).waitFor({ state: 'attached' });
  await page.keyboard.press('Control+z');
  await settled(page, 2);
  await page.locator('#notes li').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+y');
  await settled(page, 3);
  await page.mouse.click(420, 300);
  await page.keyboard.press('End');
  await page.keyboard.type(', and more');
  await page.keyboard.press('Escape');
  await settled(page, 5);
  await page.locator('#notes li', { hasText: /^an hour of work, and more$/ }).waitFor({ state: 'attached' });
  await page.keyboard.press('Control+z');
  await settled(page, 7);
  await page.locator('#notes li', { hasText: /^an hour of work$/ }).waitFor({ state: 'attached' });

  await page.mouse.click(400, 500);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#writing textarea').count(), 0, 'nothing was typed: nothing is there');
  await page.mouse.click(400, 500);
  await page.keyboard.type('this');
  await page.mouse.click(800, 600);
  assert.equal(await page.locator('#writing textarea').count(), 0, 'that click did nothing else');
  await settled(page, 8);
  await page.locator('#notes li', { hasText: /^this$/ }).waitFor({ state: 'attached' });
  assert.equal((await texts(page)).length, 2);
});

scene('a page with words that nobody has yet asks before it goes', async (world) => {
  const page = await world.open();
  let asked = 0;
  page.on('dialog', (dialog) => {
    asked += 1;
    void (dialog.type() === 'beforeunload' ? dialog.dismiss() : dialog.accept());
  });
  /** Whether the page went. */
  const reloads = async () => {
    await page.evaluate(() => { globalThis.here = true; });
    await page.evaluate(() => { setTimeout(() => location.reload()); });
    await page.waitForTimeout(700);
    return !await page.evaluate(() => globalThis.here ?? false);
  };
  await page.keyboard.press('t');
  await page.mouse.click(400, 300);
  assert.ok(await reloads(), 'nothing is written yet');
  await live(page);
  await page.keyboard.press('t');
  await page.mouse.click(400, 300);
  await page.keyboard.type('an hour of work');
  assert.ok(!await reloads());
  assert.equal(asked, 1);
  assert.equal(await page.locator('#writing textarea').inputValue(), 'an hour of work', 'it is still being written');
  await page.keyboard.press('Escape');
  await settled(page, 1);
  await page.mouse.click(420, 300);
  assert.ok(await reloads(), 'it says what is saved');
  await live(page);
  await page.keyboard.press('c');
  await page.locator('#chat textarea').fill('an hour of work');
  assert.ok(!await reloads());
  assert.equal(asked, 2);
  await page.locator('#chat textarea').fill(' \n');
  assert.ok(await reloads());
});

scene('a double click writes a note anew, and that is one step', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.keyboard.press('t');
  await a.mouse.click(400, 300);
  await a.keyboard.type('first');
  await a.keyboard.press('Control+Enter');
  await settled(a, 1);
  await settled(b, 1);
  const first = await until(b, ({ drawn }) => drawn > 50, 'the note');
  await a.keyboard.press('h');
  await a.mouse.dblclick(420, 300);
  await a.keyboard.press('End');
  await a.keyboard.type(' and second');
  await a.keyboard.press('Control+Enter');
  // Hidden, and a new one.
  await settled(b, 3);
  await until(b, ({ drawn }) => drawn > first.drawn, 'the longer note');
  await a.keyboard.press('Control+z');
  await settled(b, 5);
  assert.deepEqual(await ink(b), first);
  // With the pen in the hand too; the dots that a double click draws go again.
  await a.keyboard.press('p');
  await a.mouse.dblclick(420, 300);
  await a.keyboard.press('Escape');
  await b.locator('body[data-revision="9"]').waitFor();
  assert.deepEqual(await ink(b), first);
  assert.deepEqual(await ink(a), first);
});

scene('what the server would refuse is left out, and a note has an end', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await a.keyboard.press('t');
  await a.mouse.click(300, 300);
  await a.locator('#writing textarea').fill('a\u202eb\u0007c\tTab');
  await a.keyboard.press('Control+Enter');
  await settled(b, 1);
  await b.locator('#notes li', { hasText: /^abc Tab$/ }).waitFor({ state: 'attached' });
  await a.mouse.click(300, 500);
  await a.locator('#writing textarea').fill('\u00e9'.repeat(500));
  await a.keyboard.press('Control+Enter');
  await settled(b, 2);
  await b.locator('#notes li').nth(1).waitFor({ state: 'attached' });
  assert.equal((await texts(b))[1], '\u00e9'.repeat(480));
});

scene('a note goes with the board while it is written', async (world) => {
  const page = await world.open();
  await page.keyboard.press('t');
  await page.mouse.click(400, 300);
  await page.keyboard.type('moving');
  const before = await page.locator('#writing textarea').boundingBox();
  await page.mouse.move(700, 500);
  await page.mouse.wheel(100, 50);
  await page.waitForFunction((x) => document.querySelector('#writing textarea').getBoundingClientRect().x < x - 90, before.x);
  const after = await page.locator('#writing textarea').boundingBox();
  assertBox([after.x, after.y], [before.x - 100, before.y - 50], 1);
});

const FULL = 'This note is full.';
/** 960 bytes that tell where they were. */
const whole = Array.from({ length: 240 }, (_, at) => String(at).padStart(4, '0')).join('');

scene('into a full note nothing comes in, wherever it is written or pasted, and what is there stays', async (world) => {
  const page = await world.open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const area = page.locator('#writing textarea');
  const copy = (text) => page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press('t');
  await page.mouse.click(300, 150);
  await copy(whole);
  await page.keyboard.press('Control+v');
  assert.equal(await area.inputValue(), whole);
  assert.equal(await page.locator('.toast', { hasText: FULL }).count(), 0, 'it is just full');
  for (const key of ['Home', 'End']) {
    await page.keyboard.press(`Control+${key}`);
    await page.keyboard.type('x');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+v');
    assert.equal(await area.inputValue(), whole, key);
  }
  await page.locator('.toast', { hasText: FULL }).waitFor();

  // What is replaced makes room, and of what is pasted its beginning fits.
  await page.keyboard.press('Control+Home');
  for (let letters = 0; letters < 10; letters += 1) await page.keyboard.press('Shift+ArrowRight');
  await copy('abcdefgh\u{1f469}\u200d\u{1f680}ijk');
  await page.keyboard.press('Control+v');
  const replaced = `abcdefgh${whole.slice(10)}`;
  assert.equal(await area.inputValue(), replaced, 'the astronaut has no room, and half of one is none');
  assert.equal(await area.evaluate((field) => field.selectionStart), 8, 'the caret is behind it');
  await page.keyboard.type('yzx');
  assert.equal(await area.inputValue(), `abcdefghyz${whole.slice(10)}`);
  for (let presses = 0; presses < 4 && await area.inputValue() !== whole; presses += 1) await page.keyboard.press('Control+z');
  assert.equal(await area.inputValue(), whole, 'the browser can undo it');
});

scene('letters that are composed in a full note are left out, and nothing else', async (world) => {
  const page = await world.open();
  const area = page.locator('#writing textarea');
  await page.keyboard.press('t');
  await page.mouse.click(300, 150);
  await area.fill(whole.slice(0, 957));
  await page.keyboard.press('Control+Home');
  for (let letters = 0; letters < 4; letters += 1) await page.keyboard.press('ArrowRight');
  const typing = await page.context().newCDPSession(page);
  await typing.send('Input.imeSetComposition', { text: '\u6f22\u5b57', selectionStart: 2, selectionEnd: 2 });
  await typing.send('Input.insertText', { text: '\u6f22\u5b57' });
  assert.equal(await area.inputValue(), `0000\u6f22${whole.slice(4, 957)}`);
  await page.locator('.toast', { hasText: FULL }).waitFor();
  await page.keyboard.type('x');
  assert.equal(await area.inputValue(), `0000\u6f22${whole.slice(4, 957)}`, 'it is full to the last byte');
  // Two whose codes begin alike: neither is cut in two by the other.
  const laughing = `0000\u{1f602}${whole.slice(8, 957)}`;
  await area.fill(laughing);
  await page.keyboard.press('Control+Home');
  for (let letters = 0; letters < 4; letters += 1) await page.keyboard.press('ArrowRight');
  await typing.send('Input.imeSetComposition', { text: '\u{1f601}', selectionStart: 2, selectionEnd: 2 });
  await typing.send('Input.insertText', { text: '\u{1f601}' });
  assert.equal(await area.inputValue(), laughing);
});

scene('a text that is pasted or dropped on the board becomes a note', async (world) => {
  const page = await world.open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const other = await world.open();
  const copy = (text) => page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await copy('  from a\tmail,\r\nin two lines\u202e \n');
  await page.mouse.click(300, 650);
  await page.keyboard.press('Control+z');
  await settled(page, 2);
  await page.keyboard.press('Control+v');
  await settled(page, 3);
  await settled(other, 3);
  await other.locator('#notes li').waitFor({ state: 'attached' });
  assert.deepEqual(await texts(other), ['from a mail,\nin two lines']);
  const { box: [left, top, right, bottom] } = await until(other, ({ drawn }) => drawn > 100, 'the note');
  assert.ok(Math.abs((left + right) / 2 - 640) < 6 && Math.abs((top + bottom) / 2 - 400) < 12, `${[left, top, right, bottom]}: in the middle`);
  await page.keyboard.press('Control+z');
  await settled(other, 4);
  assert.equal((await ink(other)).drawn, 0, 'one step');

  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData('text/plain', 'dropped');
    document.querySelector('#moving').dispatchEvent(new DragEvent('drop', { bubbles: true, clientX: 300, clientY: 300, dataTransfer }));
  });
  await settled(other, 5);
  const dropped = (await until(other, ({ drawn }) => drawn > 30, 'the note')).box;
  assert.ok(dropped[0] < 300 && dropped[2] > 300 && dropped[1] < 310 && dropped[3] > 290, `${dropped}`);

  await copy(whole + whole);
  await page.keyboard.press('Control+v');
  await page.locator('.toast', { hasText: 'only the beginning' }).waitFor();
  await settled(other, 6);
  await other.locator('#notes li').nth(1).waitFor({ state: 'attached' });
  assert.equal((await texts(other))[1], whole);
  await copy(' \n\u200f ');
  await page.keyboard.press('Control+v');
  await page.keyboard.press('c');
  await copy('for the chat');
  await page.keyboard.press('Control+v');
  assert.equal(await page.locator('#chat textarea').inputValue(), 'for the chat');
  assert.equal(await page.locator('body').getAttribute('data-revision'), '6', 'neither is a note');
});
