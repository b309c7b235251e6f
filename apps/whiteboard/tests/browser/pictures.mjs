// Pictures that come in, and the board as a picture.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { ZIGZAG, assertBox, draw, ink, picture, scene, settled, until } from './harness.mjs';

const LIMIT = 16_323;

/** Puts a picture with hard edges and noise on the clipboard of the page, and gives how many bytes it has. */
const copyPicture = (page, [width, height]) => page.evaluate(async ([wide, high]) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext('2d');
  const gradient = context.createLinearGradient(0, 0, wide, high);
  gradient.addColorStop(0, '#ff0044');
  gradient.addColorStop(1, '#0044ff');
  context.fillStyle = gradient;
  context.fillRect(0, 0, wide, high);
  for (let dots = 0; dots < 40_000; dots += 1) {
    context.fillStyle = `hsl(${Math.random() * 360} 90% 50%)`;
    context.fillRect(Math.random() * wide, Math.random() * high, 9, 9);
  }
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
  return blob.size;
}, [width, height]);

/** What came over the wire as images, as the page got it. */
const images = (page) => {
  const seen = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => {
    if (typeof payload !== 'string' && payload[0] === 4) seen.push(payload);
  }));
  return seen;
};

scene('a large picture that is pasted is made small, the page says so, and everyone sees it', async (world) => {
  const a = await world.open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const b = await world.open();
  const seen = images(b);
  await b.reload();
  await b.locator('body[data-state=live]').waitFor();
  const bytes = await copyPicture(a, [2400, 1600]);
  assert.ok(bytes > 1024 * 1024, `${bytes} bytes`);
  await a.keyboard.press('Control+v');
  const toast = a.locator('.toast', { hasText: 'Picture made smaller' });
  await toast.waitFor();
  const [, mega, width, height, kilo] = /^Picture made smaller: 2400 x 1600, ([\d.]+) MB to (\d+) x (\d+), (\d+) KB$/
    .exec(await toast.locator('span').textContent());
  // The clipboard has encoded it once more.
  assert.ok(Number(mega) >= 1, `${mega} MB`);
  assert.ok(kilo <= 15 && Math.abs(width / height - 1.5) < 0.05, `${width} x ${height}, ${kilo} KB`);
  await settled(a, 1);
  await settled(b, 1);
  const there = await until(b, ({ drawn }) => drawn > 50_000, 'the picture');
  await until(a, ({ hash }) => hash === there.hash, 'the same picture');
  const [left, top, right, bottom] = there.box;
  assert.ok(Math.abs((left + right) / 2 - 640) < 3 && Math.abs((top + bottom) / 2 - 400) < 3, `${there.box} is in the middle`);
  assert.equal(seen.length, 1);
  const file = seen[0].subarray(1 + 24 + 16);
  assert.ok(file.length <= LIMIT, `${file.length} bytes`);
  assert.equal(file.subarray(0, 4).toString() + file.subarray(8, 12).toString(), 'RIFFWEBP', 'encoded anew');
  await picture(b, 'desktop-picture');
  await a.keyboard.press('Control+z');
  await settled(b, 2);
  assert.equal((await ink(b)).drawn, 0);
});

scene('a picture is dropped where it shall lie; what is no picture is said', async (world) => {
  const [a, b] = [await world.open(), await world.open()];
  const drop = (type, name, content, place) => a.evaluate(async ([kind, file, text, [clientX, clientY]]) => {
    let blob = new Blob([text], { type: kind });
    if (kind === 'image/png') {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [200, 100];
      canvas.getContext('2d').fillRect(0, 0, 200, 100);
      blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
    }
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([blob], file, { type: kind }));
    document.querySelector('#moving').dispatchEvent(new DragEvent('drop', { bubbles: true, clientX, clientY, dataTransfer }));
  }, [type, name, content, place]);
  await drop('image/png', 'black.png', '', [400, 300]);
  await settled(a, 1);
  await settled(b, 1);
  const there = await until(b, ({ drawn }) => drawn >= 19_000, 'the picture');
  assertBox(there.box, [300, 250, 500, 350], 1);
  await a.locator('.toast', { hasText: 'Picture added: 200 x 100' }).waitFor();
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>';
  await drop('image/svg+xml', 'drawing.svg', svg, [400, 300]);
  await a.locator('.toast', { hasText: 'no picture that can be read' }).waitFor();
  await drop('text/plain', 'words.txt', 'words', [400, 300]);
  await draw(a, ZIGZAG);
  await settled(b, 2);
});

scene('a picture that cannot be decoded is an empty frame', async (world) => {
  const page = await world.open();
  // The parts of a PNG of 300 by 200 pixels, with nothing in them that belongs there: the server does not decode it.
  await page.evaluate((url) => new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(new Uint8Array([64, 2, ...Array(16).fill(7), ...Array(8).fill(0), ...new TextEncoder().encode('main')]));
    socket.onclose = ({ reason }) => reject(new Error(reason));
    socket.onmessage = ({ data }) => {
      const [kind] = new Uint8Array(data);
      if (kind === 129) {
        const file = [
          0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 1, 44, 0, 0, 0, 200, 8, 2, 0, 0, 0,
          1, 2, 3, 4,
          0, 0, 0, 4, 0x49, 0x44, 0x41, 0x54, 5, 6, 7, 8, 1, 2, 3, 4,
          0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 1, 2, 3, 4,
        ];
        const frame = new DataView(new ArrayBuffer(41 + file.length));
        frame.setUint8(0, 4);
        frame.setBigUint64(17, 99n, true);
        [-150, -100, 300, 200].forEach((value, at) => frame.setFloat32(25 + 4 * at, value, true));
        new Uint8Array(frame.buffer).set(file, 41);
        socket.send(frame);
      } else if (kind === 130) {
        socket.onclose = null;
        socket.close();
        resolve();
      }
    };
  }), `${world.server.url.replace('http', 'ws')}/ws`);
  const frame = await until(page, ({ drawn }) => drawn > 0, 'the frame');
  assertBox(frame.box, [490, 300, 790, 500], 1);
  assert.ok(frame.drawn < 3000, `${frame.drawn} pixels: its edges alone`);
});

scene('the board is saved as a PNG with everything on it, as it is seen', async (world) => {
  const page = await world.open({ path: '/b/team-7' });
  await page.keyboard.press('s');
  await page.locator('.toast', { hasText: 'nothing on the board' }).waitFor();
  await draw(page, [[300, 300], [700, 300], [700, 500]]);
  await settled(page, 1);
  // Also what the window does not show.
  await page.mouse.wheel(0, 3000);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as a picture' }).click(),
  ]);
  const today = new Date();
  const date = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
  assert.equal(download.suggestedFilename(), `whiteboard-team-7-${date}.png`);
  const file = readFileSync(await download.path());
  assert.equal(file.subarray(1, 4).toString(), 'PNG');
  // A line 400 by 200 units, 4 wide, with 32 of paper around it, and two pixels in a unit.
  assert.deepEqual([file.readUInt32BE(16), file.readUInt32BE(20)], [2 * (400 + 4 + 64), 2 * (200 + 4 + 64)]);
  const [paper, line] = await page.evaluate(async (bytes) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    return [[5, 5], [400, 68]].map(([x, y]) => [...context.getImageData(x, y, 1, 1).data]);
  }, [...file]);
  assert.deepEqual(paper, [0xfb, 0xfa, 0xf7, 255]);
  assert.deepEqual(line, [0x23, 0x26, 0x2d, 255]);
});

scene('where a canvas so large cannot be had, a smaller picture is saved, with everything on it', async (world) => {
  /** A browser as they are on small devices: a larger canvas takes everything and stays empty, and nobody is told. */
  const small = (page, most) => page.addInitScript((pixels) => {
    const given = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function getContext(...asked) {
      if (this.width * this.height <= pixels) return given.apply(this, asked);
      const empty = document.createElement('canvas');
      [empty.width, empty.height] = [1, 1];
      const context = given.apply(empty, asked);
      Object.defineProperty(context, 'canvas', { value: this });
      for (const drawing of ['fillRect', 'fill', 'stroke', 'drawImage', 'fillText']) context[drawing] = () => {};
      return context;
    };
  }, most);
  const page = await world.open({ prepare: (fresh) => small(fresh, 2_000_000) });
  await draw(page, [[100, 100], [1100, 100], [1100, 700]]);
  await settled(page, 1);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
  await page.locator('.toast', { hasText: 'Saved as a picture' }).waitFor();
  const file = readFileSync(await download.path());
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  // Its full size is 2136 by 1336.
  assert.ok(width < 2136 && width > 1000 && Math.abs(width / height - 1068 / 668) < 0.01, `${width} x ${height}`);
  const ends = await page.evaluate(async (bytes) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [bitmap.width / 2, bitmap.height / 2];
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const scale = canvas.width / 1068;
    return [[5, 5], [500, 34], [1034, 600]].map(([x, y]) => [...context.getImageData(x * scale, y * scale, 1, 1).data]);
  }, [...file]);
  assert.deepEqual(ends[0], [0xfb, 0xfa, 0xf7, 255], 'paper');
  for (const [red, , , alpha] of ends.slice(1)) assert.ok(red < 0xa0 && alpha === 255, `${ends}: ink`);

  const none = await world.open({ prepare: (fresh) => small(fresh, 16) });
  await settled(none, 1);
  let saved = false;
  none.on('download', () => { saved = true; });
  await none.keyboard.press('s');
  await none.locator('.toast', { hasText: 'The picture could not be made' }).waitFor();
  assert.equal(saved, false);
});
