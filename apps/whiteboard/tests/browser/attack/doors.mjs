// Who is let in, by the page; and what others may do with one's own actions.

import assert from 'node:assert/strict';

import { draw, ink, live, scene, settled, until } from '../harness.mjs';
import { Server } from '../server.mjs';

const TOKEN = 'abcdefghijklmnopqrst-_';

async function locked(world) {
  await world.server.kill();
  world.server = await Server.start(world.home, 0, { WHITEBOARD_TOKEN: TOKEN });
}

for (const status of [429, 503]) {
  scene(`a page keeps its token while the server answers ${status}`, async (world) => {
    await locked(world);
    let refused = 0;
    const page = await world.open({
      path: `/#token=${TOKEN}`,
      prepare: (fresh) => fresh.route('**/session', (route) => {
        if (refused === 2) return route.continue();
        refused += 1;
        return route.fulfill({ status, body: 'later' });
      }),
    });
    assert.equal(refused, 2);
    assert.equal(await page.locator('#locked').count(), 0);
  });
}

scene('the token is out of the address and of the history before the page asks for anything', async (world) => {
  await locked(world);
  const asked = [];
  const page = await world.open({
    path: `/b/team?x=1#token=${TOKEN}`,
    prepare: (fresh) => fresh.on('request', (request) => {
      if (/\/session$/.test(request.url())) asked.push(fresh.evaluate(() => location.href));
    }),
  });
  assert.equal(page.url(), `${world.server.url}/b/team?x=1`);
  assert.ok(asked.length > 0);
  assert.ok((await Promise.all(asked)).every((address) => !address.includes(TOKEN)), 'not there when it asks');
  await page.reload();
  await live(page);
  await page.goto('about:blank');
  await page.goBack();
  await live(page);
  assert.ok(!page.url().includes(TOKEN));
});

scene('who signs out is outside', async (world) => {
  await locked(world);
  const page = await world.open({ path: `/#token=${TOKEN}` });
  await page.locator('#me-toggle').click();
  await page.locator('#sign-out').click();
  await page.locator('#locked').waitFor();
  assert.deepEqual(await page.context().cookies(), []);
  await page.reload();
  await page.locator('#locked').waitFor();
});

scene('an action of another with the number of an own one that is on its way is another\'s', async (world) => {
  const held = [];
  let holding = true;
  let release;
  const page = await world.open({
    prepare: (fresh) => fresh.routeWebSocket(/\/ws$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => {
        if (holding && message[0] === 1) held.push(message);
        else server.send(message);
      });
      release = () => {
        holding = false;
        for (const message of held) server.send(message);
      };
    }),
  });
  await draw(page, [[300, 300], [500, 300]]);
  while (held.length === 0) await page.waitForTimeout(10);
  const number = Buffer.from(held[0]).readBigUInt64LE(17);

  const stranger = await world.open();
  await stranger.evaluate((action) => new Promise((done) => {
    const socket = new WebSocket(location.href.replace(/^http/, 'ws') + 'ws');
    const name = new TextEncoder().encode('main');
    socket.onopen = () => {
      const hello = new DataView(new ArrayBuffer(26 + name.length));
      hello.setUint8(0, 64);
      hello.setUint8(1, 2);
      hello.setUint8(2, 77);
      new Uint8Array(hello.buffer).set(name, 26);
      socket.send(hello.buffer);
      const stroke = new DataView(new ArrayBuffer(33 + 18));
      stroke.setUint8(0, 1);
      stroke.setBigUint64(17, BigInt(action), true);
      stroke.setUint32(25, 0xff0000, true);
      stroke.setFloat32(29, 8, true);
      [[-300, 200], [300, 200]].forEach(([x, y], at) => {
        stroke.setFloat32(33 + at * 9, x, true);
        stroke.setFloat32(37 + at * 9, y, true);
        stroke.setUint8(41 + at * 9, 128);
      });
      socket.send(stroke.buffer);
    };
    socket.onmessage = ({ data }) => new Uint8Array(data instanceof ArrayBuffer ? data : 0)[0] === 130 && done();
    socket.binaryType = 'arraybuffer';
  }), String(number));
  await page.locator('body[data-revision="1"][data-unacked="1"]').waitFor();
  const both = await until(page, ({ colours }) => colours.includes(0xff0000), 'the stroke of the other is seen');
  release();
  await settled(page, 2);
  await settled(stranger, 2);
  await until(stranger, ({ drawn }) => drawn === both.drawn, 'all see the same');
  await page.keyboard.press('Control+z');
  await settled(page, 3);
  const left = await until(page, ({ drawn }) => drawn < both.drawn, 'the own one is gone');
  assert.deepEqual(left.colours.filter((colour) => colour === 0xff0000), [0xff0000], 'and the other\'s is not');
  assert.deepEqual((await ink(page)).colours[0], 0xff0000);
});
