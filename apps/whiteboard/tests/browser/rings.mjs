// The rings made visible.

import assert from 'node:assert/strict';

import { PHONE, draw, live, picture, scene, settled } from './harness.mjs';

const OPEN = '#rings-toggle';
const told = (page) => page.locator('#rings .body[data-state=told]').waitFor();
/** A number that the panel shows by this name. */
const fact = (page, name, text) => page.locator('#facts div', { hasText: name }).locator('dd', { hasText: text });

scene('the panel draws the stages behind the writers, and what they do', async (world) => {
  const page = await world.open();
  await page.locator(OPEN).click();
  await told(page);
  const stages = page.locator('#stages .stage');
  const names = await stages.locator('.name').allTextContents();
  assert.deepEqual(names.sort(), ['analytics', 'network', 'storage', 'validation', 'writers']);
  const arrows = await page.locator('#stages .arrow').evaluateAll((all) => all.map((arrow) => arrow.dataset.arrow));
  assert.deepEqual(arrows.sort(), [
    'validation analytics', 'validation network', 'writers storage', 'writers validation',
  ]);
  const columns = await Promise.all(['writers', 'validation', 'storage', 'network'].map(async (name) =>
    (await page.locator(`.stage[data-stage=${name}]`).boundingBox()).x));
  assert.ok(columns[0] < columns[1] && columns[1] === columns[2] && columns[2] < columns[3], `${columns}`);
  await page.evaluate(() => {
    document.querySelector('.stage[data-stage=network]').dataset.mine = 'the same box';
  });
  await draw(page, [[300, 250], [420, 520], [560, 300]]);
  await settled(page, 1);
  await fact(page, 'Revision', /^1$/).waitFor();
  await page.locator('.stage[data-stage=network][data-lag="0"] .lag', { hasText: /^lag 0 \u00b7 [1-9]/ }).waitFor();
  const words = await page.locator('#stages').getAttribute('aria-label');
  assert.match(words, /network, after validation: lag \d+, \d+ a second/);
  assert.equal(await page.locator('.stage[data-mine]').count(), 1, 'it is updated in place');
  await page.locator('#rings .graphviz summary').click();
  assert.match(await page.locator('#dot').textContent(), /^digraph stages/);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#rings').isVisible(), false);
  assert.equal(await page.locator(OPEN).getAttribute('aria-expanded'), 'false');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'rings-toggle');
});

scene('each pool shows its slots, its ledger and its last minute, and moves when someone draws', async (world) => {
  const [page, other] = [await world.open(), await world.open()];
  await page.locator(OPEN).click();
  await told(page);
  const pools = page.locator('.pool');
  assert.deepEqual(await pools.locator('h4').allTextContents(), [
    'Pool XS: 2,000 slots of 64 B', 'Pool S: 1,000 slots of 256 B', 'Pool M: 300 slots of 1.0 KiB',
    'Pool L: 60 slots of 4.0 KiB', 'Pool XL: 15 slots of 16 KiB',
  ]);
  const xs = page.locator('.pool[data-pool=XS]');
  const turned = () => xs.locator('.head').evaluate((head) => head.style.transform);
  const [before, published] = [await turned(), Number(await xs.getAttribute('data-published'))];
  await fact(page, 'Connected', /^2$/).waitFor();
  const drawing = (async () => {
    for (let y = 200; y < 440; y += 20) await draw(other, [[300, y], [700, y + 50]]);
  })();
  await xs.locator('.rate b', { hasText: /^[1-9]/ }).waitFor();
  await drawing;
  const grows = (selector, name, count) => page.waitForFunction(
    ([part, field, than]) => Number(document.querySelector(part).dataset[field]) > than, [selector, name, count],
  );
  await grows('.pool[data-pool=XS]', 'published', published);
  assert.notEqual(await turned(), before, 'the head went on');
  // The line is not flat, and says in words what it shows.
  await page.waitForFunction(() => {
    const line = document.querySelector('.pool[data-pool=XS] .line').getAttribute('d');
    return new Set(line.match(/ [\d.]+(?=L|$)/g)).size > 1;
  });
  const words = await xs.locator('.sparkline svg').getAttribute('aria-label');
  assert.match(words, /^The last minute: \d+ events a second on average, at most [1-9]\d*;/);
  assert.match(words, /; the pressure was at most \d+ percent\.$/);
  const seconds = () => xs.locator('.sparkline').evaluate((figure) => Number(figure.dataset.seconds));
  const then = await seconds();
  await grows('.pool[data-pool=XS] .sparkline', 'seconds', then);
  const heads = await xs.locator('thead th').allTextContents();
  assert.deepEqual(heads, ['validation', 'storage', 'network', 'analytics']);
  assert.deepEqual(await xs.locator('tbody tr').last().locator('td').allTextContents(), ['0', '\u2013', '0', '0']);
  assert.equal(await page.locator('.overall b').textContent(), 'Excellent');
  await picture(page, 'desktop-rings');
});

scene('without an answer the panel says so, keeps what it knew, and goes on by itself', async (world) => {
  const page = await world.open();
  await page.locator(OPEN).click();
  await told(page);
  const start = await world.kill();
  await page.locator('#rings .trouble', { hasText: 'No answer from the server.' }).waitFor();
  assert.equal(await page.locator('.pool').count(), 5);
  await picture(page, 'desktop-no-answer');
  await start();
  await told(page);
  assert.equal(await page.locator('#rings .trouble').isVisible(), false);
});

scene('when the server wants fewer moments the header says so, and the page sends fewer', async (world) => {
  const context = await world.context();
  let server;
  const cursors = [];
  await context.routeWebSocket(/\/ws$/, (socket) => {
    const real = socket.connectToServer();
    socket.onMessage((frame) => {
      if (frame[0] === 16) cursors.push(Date.now());
      real.send(frame);
    });
    server = socket;
  });
  const page = await context.newPage();
  await page.goto(world.server.url);
  await live(page);
  const state = (text) => page.locator('#state', { hasText: text }).waitFor();
  const pace = (interval) => server.send(Buffer.from([134, interval & 0xff, interval >> 8]));
  pace(400);
  await state('Busy: slowed down');
  assert.match(await page.locator('#said').textContent(), /busy/);
  // From the first one on, so that the interval before it does not count.
  const begun = cursors.length + 1;
  for (let x = 300; cursors.length < begun + 4; x += 1) await page.mouse.move(x % 900, 400);
  const gaps = cursors.slice(begun).map((at, index) => at - cursors[begun + index - 1]);
  assert.ok(gaps.every((gap) => gap > 300), `${gaps}`);
  pace(33);
  await state(/^Live$/);
});

scene('a panel that is closed asks nothing', async (world) => {
  const page = await world.open();
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/health')) asked += 1;
  });
  await page.locator(OPEN).click();
  await told(page);
  await page.locator('#rings-close').click();
  const before = asked;
  assert.ok(before > 0);
  // Three times as long as the pause between two questions.
  await page.waitForTimeout(3000);
  assert.equal(asked, before);
});

scene('on a phone the rings are a sheet, and the chat takes its place', async (world) => {
  const phone = await world.open({ ...PHONE, reducedMotion: 'reduce' });
  await phone.locator(OPEN).tap();
  await told(phone);
  const wide = await phone.locator('#rings').evaluate((panel) => [...panel.querySelectorAll('*')]
    .filter((part) => part.getBoundingClientRect().right > innerWidth + 1 && !part.closest('pre'))
    .map((part) => part.className));
  assert.deepEqual(wide, [], 'nothing is cut off');
  const head = phone.locator('.orbit .head').first();
  assert.equal(await head.evaluate((group) => getComputedStyle(group).transitionDuration), '0s', 'nothing moves');
  await picture(phone, 'phone-rings');
  await phone.locator('#chat-toggle').tap();
  await phone.locator('#chat').waitFor();
  assert.equal(await phone.locator('#rings').isVisible(), false);
});
