// A board that is locked, one below a path of a proxy, and one whose disk is full; and the colours of people.

import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

import { ZIGZAG, draw, ink, live, scene, settled } from './harness.mjs';
import { Server } from './server.mjs';

const TOKEN = 'abcdefghijklmnopqrst-_';
const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };

/** The scene's server again, with this in its environment and these options. */
async function restarted(world, environment, options = []) {
  await world.server.kill();
  world.server = await Server.start(world.home, 0, environment, options);
}

scene('the copied link of a locked board opens it, and whoever has none is told so and draws nothing', async (world) => {
  await restarted(world, { WHITEBOARD_TOKEN: TOKEN });
  const mine = await world.open({ path: `/b/team#token=${TOKEN}`, ...CLIPBOARD });
  await draw(mine, ZIGZAG);
  await settled(mine, 1);
  await mine.locator('#copy-link').click();
  await mine.locator('.toast', { hasText: 'lets in whoever has it' }).waitFor();
  const link = await mine.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.startsWith(`${world.server.url}/b/team#token=`) && !link.includes(TOKEN), link);
  const theirs = await world.open({ path: link.slice(world.server.url.length) });
  await settled(theirs, 1);

  const outside = await (await world.context()).newPage();
  await outside.goto(`${world.server.url}/b/team`);
  const notice = outside.locator('#locked');
  await notice.waitFor();
  for (let times = 0; times < 3; times += 1) await outside.keyboard.press('Escape');
  await draw(outside, ZIGZAG);
  await outside.waitForTimeout(7000);
  assert.ok(await notice.isVisible(), 'a toast would be gone by now');
  assert.equal(await outside.locator('body').getAttribute('data-unacked'), '0');
  assert.equal((await ink(outside)).drawn, 0, 'nothing is drawn into nothing');
  await outside.locator('#locked-key').fill('wrong');
  await outside.keyboard.press('Enter');
  await notice.getByText('That does not open it').waitFor();
  await outside.locator('#locked-key').fill(link);
  await outside.keyboard.press('Enter');
  await live(outside);
  assert.equal(await notice.count(), 0);
  await settled(outside, 1);

  // Where the token is another now, a page that was in is told, and keeps what it has.
  const { port } = world.server;
  await world.server.kill();
  world.server = await Server.start(world.home, port, { WHITEBOARD_TOKEN: `${TOKEN}2` });
  await mine.locator('#locked').waitFor();
  await mine.locator('#locked-key').fill(`${TOKEN}2`);
  await mine.keyboard.press('Enter');
  await live(mine);
});

/** A proxy that shows the server at `target.port` below /team/board/, which it takes off or not. */
function proxy(target, takesOff) {
  const rest = (url) => (takesOff && url.startsWith('/team/board/') ? url.slice('/team/board'.length) : url);
  const made = createServer((asked, answer) => {
    const { method, headers, url } = asked;
    const to = request({ port: target.port, path: rest(url), method, headers }, (told) => {
      answer.writeHead(told.statusCode, told.headers);
      told.pipe(answer);
    });
    to.on('error', () => answer.destroy());
    asked.pipe(to);
  });
  made.on('upgrade', (asked, socket, head) => {
    const to = connect(target.port, '127.0.0.1', () => {
      const lines = Object.entries(asked.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      to.write(`GET ${rest(asked.url)} HTTP/1.1\r\n${lines.join('')}\r\n`);
      to.write(head);
      socket.pipe(to).pipe(socket);
    });
    to.on('error', () => socket.destroy());
    socket.on('error', () => to.destroy());
  });
  return new Promise((resolve) => made.listen(0, '127.0.0.1', () => resolve(made)));
}

for (const takesOff of [true, false]) {
  scene(`below a path of a proxy that ${takesOff ? 'takes it off' : 'leaves it'} all of the page works`, async (world) => {
    const target = { port: 0 };
    const between = await proxy(target, takesOff);
    try {
      const name = `127.0.0.1:${between.address().port}`;
      await restarted(world, { WHITEBOARD_TOKEN: TOKEN }, ['--base', '/team/board/', '--host', `http://${name}`]);
      target.port = world.server.port;
      world.server.url = `http://${name}`;
      const page = await world.open({ path: `/team/board/#token=${TOKEN}`, ...CLIPBOARD });
      await draw(page, ZIGZAG);
      await settled(page, 1);
      await page.locator('#rings-toggle').click();
      await page.locator('#rings', { hasText: 'Excellent' }).waitFor();
      await page.locator('#board-toggle').click();
      await page.locator('#board-name').fill('sketch');
      await page.locator('#board-name').press('Enter');
      await page.waitForURL(`http://${name}/team/board/b/sketch`);
      await live(page);
      assert.equal(await page.title(), 'sketch \u00b7 Whiteboard');
      await page.locator('#copy-link').click();
      await page.locator('.toast', { hasText: 'copied' }).waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      assert.ok(link.startsWith(`http://${name}/team/board/b/sketch#token=`), link);
    } finally {
      between.closeAllConnections();
      between.close();
    }
  });
}

scene('two people who come by chance to one colour have two in the end, and a chosen one stays', async (world) => {
  const colour = (page) => page.evaluate(() => document.documentElement.style.getPropertyValue('--person'));
  const first = await world.open();
  const same = await colour(first);
  const known = async (chosen) => {
    const context = await world.context();
    await context.addInitScript(([value, by]) => {
      localStorage.setItem('whiteboard.colour', String(Number.parseInt(value.slice(1), 16)));
      if (by) localStorage.setItem('whiteboard.colour-chosen', 'yes');
    }, [same, chosen]);
    const page = await context.newPage();
    await page.goto(world.server.url);
    await live(page);
    return page;
  };
  const second = await known(false);
  await second.waitForFunction((before) => document.documentElement.style.getPropertyValue('--person') !== before, same);
  assert.equal(await colour(first), same, 'who was there first keeps it');
  await first.locator(`#people .avatar[style*="${await colour(second)}"]`).waitFor();
  const third = await known(true);
  await third.locator('#people[data-count="3"]').waitFor();
  await third.waitForTimeout(6000);
  assert.equal(await colour(third), same);
});

/** Sends so many long strokes to the board of this page, by a connection of its own. */
const flood = (page, strokes) => page.evaluate(async (count) => {
  const socket = new WebSocket(new URL('ws', document.baseURI).href.replace('http', 'ws'));
  await new Promise((resolve) => { socket.onopen = resolve; });
  socket.send(new Uint8Array([64, 2, ...Array(16).fill(7), ...Array(8).fill(0), ...new TextEncoder().encode('other')]));
  for (let action = 1; action <= count; action += 1) {
    const frame = new DataView(new ArrayBuffer(33 + 1800 * 9));
    frame.setUint8(0, 1);
    frame.setUint32(17, action, true);
    frame.setFloat32(29, 2, true);
    socket.send(frame.buffer);
    await new Promise((resolve) => { setTimeout(resolve, 8); });
  }
}, strokes);

scene('a full disk is told with its reason as long as it is full, and what was drawn meanwhile is saved', async (world) => {
  await world.server.kill();
  // 4 MiB: room for an empty board and some hundred actions.
  world.server = await Server.limited(world.home, 8192);
  const page = await world.open();
  const told = page.locator('#trouble');
  assert.ok(await told.isHidden());
  await flood(page, 400);
  await told.getByText('disk has no room').waitFor();
  await draw(page, ZIGZAG);
  await page.locator('#state', { hasText: '1 not saved yet' }).waitFor();
  await page.locator('#rings-toggle').click();
  await page.locator('#rings', { hasText: 'No room' }).waitFor();
  const late = await world.open();
  await late.locator('#trouble', { hasText: 'disk has no room' }).waitFor();
  world.server.lift();
  await told.waitFor({ state: 'hidden' });
  await page.locator('body[data-unacked="0"]').waitFor();
  await page.locator('#rings', { hasText: 'Excellent' }).waitFor();
  assert.ok(await late.locator('#trouble').isHidden());
  assert.deepEqual((await ink(late)).box, (await ink(page)).box);
});
