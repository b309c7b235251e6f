// Pictures that are small files and large pictures.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

import { scene } from '../harness.mjs';
import { screens, told } from './told.mjs';
import { image } from './wire.mjs';

/** The largest side that the server takes. */
const SIDE = 4096;
const PIXELS_MAX = 64 * 1024 * 1024;

/** A black PNG: one bit for a pixel, so that a large one is a small file. */
function png(width, height) {
  const chunk = (name, body) => {
    const part = Buffer.concat([Buffer.alloc(4), Buffer.from(name), body, Buffer.alloc(4)]);
    part.writeUInt32BE(body.length);
    part.writeUInt32BE(crc32(part.subarray(4, -4)), part.length - 4);
    return part;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

/** Counts what the page decodes: how often, how many at a time, and the pixels that it keeps. */
const counted = (page) => page.addInitScript(() => {
  const decoded = { files: 0, now: 0, atOnce: 0, pixels: 0, most: 0 };
  const given = window.createImageBitmap;
  window.decoded = decoded;
  window.createImageBitmap = async (source, ...options) => {
    const isFile = source instanceof Blob;
    decoded.files += isFile;
    decoded.now += isFile;
    decoded.atOnce = Math.max(decoded.atOnce, decoded.now);
    try {
      const bitmap = await given(source, ...options);
      decoded.pixels += bitmap.width * bitmap.height;
      decoded.most = Math.max(decoded.most, decoded.pixels);
      return bitmap;
    } finally {
      decoded.now -= isFile;
    }
  };
  const { close } = ImageBitmap.prototype;
  ImageBitmap.prototype.close = function closed() {
    decoded.pixels -= this.width * this.height;
    close.call(this);
  };
});

/** What was decoded when nothing has been for a while. */
async function rest(page, most) {
  let files = -1;
  for (;;) {
    const now = await page.evaluate(() => window.decoded);
    assert.ok(now.files <= most, `${now.files} decodings`);
    if (now.files === files && now.now === 0) return now;
    files = now.files;
    await screens(page, 40);
  }
}

const large = png(SIDE, SIDE);

scene('large pictures that lie on each other are decoded once each, one at a time, and kept as large as they are shown', async (world) => {
  const pictures = Array.from({ length: 6 }, (_, at) => image({ revision: at + 1 }, [-200 + 10 * at, -150, 400, 300], large));
  const { page } = await told(world, pictures, { prepare: counted });
  await page.waitForFunction(() => window.decoded.files > 0);
  const { files, atOnce, pixels } = await rest(page, 6);
  assert.deepEqual([files, atOnce], [6, 1]);
  // A half of the largest size would be four times what is shown.
  assert.ok(pixels <= 6 * 512 * 512, `${pixels} pixels are kept`);
  for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowRight');
  assert.equal((await rest(page, 6)).files, 6, 'what was decoded stays');
});

scene('pictures beyond what a page can hold are frames: none is decoded again and again', async (world) => {
  const count = 12;
  const pictures = Array.from({ length: count }, (_, at) => image({ revision: at + 1 }, [-8000 + at, -8000, 16_000, 16_000], large));
  const { page } = await told(world, pictures, { prepare: counted });
  await page.waitForFunction(() => window.decoded.files > 0);
  const { files, atOnce, pixels, most } = await rest(page, 2 * count);
  assert.ok(files <= 2 * count && atOnce === 1, `${files} decodings, ${atOnce} at once`);
  assert.ok(pixels <= PIXELS_MAX, `${pixels} pixels are kept`);
  assert.ok(most <= PIXELS_MAX + 2 * SIDE * SIDE, `${most} pixels on the way`);
  // Seen small, all of them fit.
  for (let step = 0; step < 16; step += 1) await page.keyboard.press('-');
  const after = await rest(page, 4 * count);
  assert.ok(after.pixels <= PIXELS_MAX && after.pixels >= count * 256 * 256, `${after.pixels} pixels are kept`);
});

scene('a picture that is larger than the server takes is let go and stays a frame', async (world) => {
  const { page } = await told(world, [image({ revision: 1 }, [-100, -100, 200, 200], png(SIDE + 1, 16))], { prepare: counted });
  await page.waitForFunction(() => window.decoded.files > 0);
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
  const { files, pixels } = await rest(page, 1);
  assert.deepEqual([files, pixels], [1, 0]);
});

scene('a board of large pictures is saved with all of them, one decoded after the other', async (world) => {
  const count = 8;
  const pictures = Array.from({ length: count }, (_, at) => image({ revision: at + 1 }, [300 * at, 0, 200, 200], large));
  const { page } = await told(world, pictures, { prepare: counted });
  await page.waitForFunction(() => window.decoded.files > 0);
  await rest(page, count);
  const kept = await page.evaluate(() => {
    window.decoded.most = window.decoded.pixels;
    return window.decoded.pixels;
  });
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
  const file = readFileSync(await download.path());
  const { files, pixels, most } = await page.evaluate(() => window.decoded);
  assert.ok(files <= 2 * count && pixels === kept, `${files} decodings, ${pixels - kept} pixels are left`);
  assert.ok(most <= kept + 2 * SIDE * SIDE, `${most} pixels on the way`);
  const dark = await page.evaluate(async ([bytes, all]) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    // Two pixels in a unit, and 32 units of paper around.
    return Array.from({ length: all }, (_, at) => context.getImageData(2 * (32 + 300 * at + 100), 2 * 132, 1, 1).data[0]);
  }, [[...file], count]);
  assert.deepEqual(dark, Array(count).fill(0));
});
