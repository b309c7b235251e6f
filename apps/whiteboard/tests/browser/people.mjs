// Who is here, what they are called, and what they say.

import assert from 'node:assert/strict';

import { PHONE, ZIGZAG, draw, live, picture, scene, settled } from './harness.mjs';

/** Gives the person at this page a name, as they would. */
async function become(page, name) {
  await page.locator('#me-toggle').click();
  await page.locator('#me-name').fill(name);
  await page.locator('#me-name').press('Enter');
  await page.locator('#me').waitFor({ state: 'hidden' });
}

async function say(page, text) {
  await page.locator('#chat-toggle').click();
  await page.locator('#chat textarea').fill(text);
  await page.locator('#chat textarea').press('Enter');
  await page.locator('#chat-close').click();
}

const here = (page, count) => page.locator(`#people[data-count="${count}"]`).waitFor();

scene('everyone has a name: at the cursor, in the header, and at what was said', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await become(a, 'Ann Lee');
  await b.locator('#people-list li', { hasText: 'Ann Lee' }).waitFor({ state: 'attached' });
  await a.mouse.move(400, 400);
  await a.mouse.move(420, 420);
  await b.locator('.cursor .tag', { hasText: 'Ann Lee' }).waitFor();
  await say(a, 'Hello.');
  await settled(b, 1);
  await b.locator('#unread', { hasText: '1' }).waitFor();
  await b.locator('#chat-toggle').click();
  assert.equal(await b.locator('#unread').isVisible(), false, 'what is seen is read');
  assert.match(await b.locator('#messages li').textContent(), /Ann Lee.*Hello\./);
  await become(a, 'Zoë');
  await b.locator('.cursor .tag', { hasText: 'Zoë' }).waitFor();
  assert.match(await b.locator('#messages li').textContent(), /Ann Lee/, 'it was said under the name of then');
});

scene('a name is remembered, cleaned and cut', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  const given = await a.locator('#me-toggle').getAttribute('aria-label');
  assert.match(given, /^You are [A-Z][a-z]+ [A-Z][a-z]+:/, 'there is a friendly one to begin with');
  await a.locator('#me-toggle').click();
  await a.getByRole('radio', { name: 'Violet' }).check({ force: true });
  await a.keyboard.press('Escape');
  await become(a, '\u202eabc\u0007 \u2067');
  await b.locator('#people-list li', { hasText: /abc$/ }).waitFor({ state: 'attached' });
  await become(a, 'é'.repeat(30));
  await b.locator('#people-list li', { hasText: /[^é]é{20}$/u }).waitFor({ state: 'attached' });
  const painted = () => b.locator('#people-list .avatar').evaluate((mark) => getComputedStyle(mark).backgroundColor);
  const violet = await painted();
  await a.reload();
  await live(a);
  assert.match(await a.locator('#me-toggle').getAttribute('aria-label'), /^You are é{20}:/);
  await b.locator('#people-list li', { hasText: /[^é]é{20}$/u }).waitFor({ state: 'attached' });
  assert.equal(await painted(), violet);
  assert.equal(violet, 'rgb(124, 58, 237)');
});

scene('the header counts who is here; a window that closes takes its cursor with it', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await here(a, 2);
  await b.mouse.move(400, 400);
  await b.mouse.move(420, 420);
  await a.locator('.cursor').waitFor();
  for (const name of ['Ada', 'Bo', 'Cleo', 'Dora', 'Emil', 'Finn']) await become(await world.open(), name);
  await here(a, 8);
  await a.locator('#people', { hasText: '+2' }).waitFor();
  await a.locator('#people').click();
  for (const name of ['Ada', 'Finn']) await a.locator('#people-list li', { hasText: name }).waitFor();
  assert.match(await a.locator('#people').getAttribute('aria-label'), /^8 here: you, .*Cleo/);
  await picture(a, 'desktop-people');
  await b.close();
  await here(a, 7);
  assert.equal(await a.locator('.cursor').count(), 0);
  await a.keyboard.press('Escape');
  await a.locator('#people-list').waitFor({ state: 'hidden' });
});

scene('who stays on another board is not here', async (world) => {
  const [a, b] = [await world.open(), await world.open({ path: '/b/team-7' })];
  await draw(b, ZIGZAG);
  await settled(b, 1);
  await b.mouse.move(400, 400);
  await say(a, 'Only for this board.');
  await settled(a, 2);
  assert.equal(await a.locator('#people').getAttribute('data-count'), '1');
  assert.equal(await a.locator('.cursor').count(), 0);
  assert.equal(await b.locator('#messages li').count(), 0);
});

scene('chat is shown as text, whatever it contains', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  const said = '<img src=x onerror=alert(1)> & "héllo" \u2713';
  await say(a, `${said}\u202e`);
  await settled(a, 1);
  await settled(b, 1);
  await b.locator('#chat-toggle').click();
  assert.deepEqual(await b.locator('#messages .text').allTextContents(), [said]);
  assert.deepEqual(await a.locator('#messages .text').allTextContents(), [said], 'an own message is there once');
  assert.equal(await b.locator('#messages img').count(), 0);
  await b.locator('#chat textarea').fill('First line');
  await b.locator('#chat textarea').press('Shift+Enter');
  await b.locator('#chat textarea').pressSequentially('second line');
  await b.locator('#chat textarea').press('Enter');
  await settled(a, 2);
  assert.equal(await a.locator('#messages .text').last().textContent(), 'First line\nsecond line');
  await b.locator('#chat textarea').fill('x'.repeat(961));
  await b.locator('#chat textarea').press('Enter');
  assert.match(await b.locator('#chat textarea').evaluate((field) => field.validationMessage), /too long.* by 1 bytes/);
  await a.locator('#chat-toggle').click();
  await picture(a, 'desktop-chat');
});

scene('what is said while the server is away waits, and what was read stays read', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await say(a, 'One.');
  await say(a, 'Two.');
  await settled(b, 2);
  await b.locator('#unread', { hasText: '2' }).waitFor();
  await b.locator('#chat-toggle').click();
  assert.equal(await b.locator('#messages .first').count(), 1, 'one person is named once');
  const start = await world.kill();
  await a.locator('body[data-state=reconnecting]').waitFor();
  await say(a, 'Three.');
  await a.locator('#messages .waiting', { hasText: 'Three.' }).waitFor({ state: 'attached' });
  await start();
  await settled(a, 3);
  await settled(b, 3);
  assert.equal(await a.locator('#messages .waiting').count(), 0);
  assert.deepEqual(await a.locator('#messages .text').allTextContents(), ['One.', 'Two.', 'Three.']);
  await b.reload();
  await settled(b, 3);
  assert.equal(await b.locator('#unread').isVisible(), false);
});

scene('after a lost connection the page says what came meanwhile', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  await draw(a, ZIGZAG);
  await settled(b, 1);
  const start = await world.kill();
  for (const page of [a, b]) await page.locator('#state', { hasText: 'Reconnecting' }).waitFor();
  await here(a, 1);
  await draw(a, [[300, 600], [800, 600]]);
  await draw(a, [[300, 650], [800, 650]]);
  await a.locator('#state', { hasText: '2 not saved yet' }).waitFor();
  await picture(a, 'desktop-reconnecting');
  await start();
  await settled(b, 3);
  await a.locator('.toast', { hasText: 'Back. Nothing was missed.' }).waitFor();
  await a.locator('#state', { hasText: /^Live$/ }).waitFor();
  await here(a, 2);
});

scene('a page that was away alone hears how much it missed', async (world) => {
  const a = await world.open();
  const context = await world.context();
  const away = { is: false, end() {} };
  await context.routeWebSocket(/\/ws$/, (socket) => {
    if (away.is) {
      socket.close();
      return;
    }
    socket.connectToServer();
    away.end = () => socket.close();
  });
  const b = await context.newPage();
  await b.goto(world.server.url);
  await live(b);
  await draw(a, ZIGZAG);
  await settled(b, 1);
  away.is = true;
  away.end();
  await b.locator('body[data-state=reconnecting]').waitFor();
  for (const y of [600, 620, 640]) await draw(a, [[300, y], [800, y]]);
  await settled(a, 4);
  away.is = false;
  await settled(b, 4);
  await b.locator('.toast', { hasText: 'Back. 3 changes came while you were away.' }).waitFor();
});

scene('on a phone the chat is a sheet, and the header fits', async (world) => {
  const phone = await world.open(PHONE);
  const desktop = await world.open();
  await become(desktop, 'Quiet Heron');
  await say(desktop, 'Can you see it?');
  await settled(phone, 1);
  await phone.locator('#chat-toggle').tap();
  await phone.locator('#chat textarea').fill('From the phone.');
  await phone.locator('#chat textarea').press('Enter');
  await settled(phone, 2);
  const sheet = await phone.locator('#chat').boundingBox();
  assert.deepEqual([sheet.x, sheet.width, sheet.y + sheet.height], [0, 390, 844]);
  for (const button of await phone.locator('#top button:visible').all()) {
    const box = await button.boundingBox();
    assert.ok(box.width >= 40 && box.height >= 40 && box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
  }
  await picture(phone, 'phone-chat');
});
