// Pictures that were decoded to be drawn: one at a time, no larger than they are shown, and together no more than a page
// can hold.

import type { Item } from './board.js';
import type { ImageFields } from './protocol.js';

/** Pixels that decoded pictures may have together. */
const PIXELS_MAX = 64 * 1024 * 1024;
/** Pixels of a side of a picture: the server takes none that is larger. */
const SIDE_MAX = 4096;
/** A picture is not made smaller than this to be kept. */
const SIDE_MIN = 256;
/** A picture that is kept with so many times the pixels that it is shown with gives way to others. */
const TOO_LARGE = 4;

interface Size {
  width: number;
  height: number;
}

interface Picture {
  /** Its own size, once it was decoded. */
  whole: Size | null;
  /** No browser can read it, or it is larger than it may be: it stays an empty frame. */
  broken: boolean;
  bitmap: ImageBitmap | null;
}

export class Pictures {
  #scale: (item: Item) => number;
  #decoded: (item: Item) => void;
  /** The one that was drawn last is the last. */
  #pictures = new Map<Item, Picture>();
  #pixels = 0;
  #queue = new Set<Item>();
  #working = false;

  /**
   * `scale(item)` is how many pixels a board unit has where the picture is seen now, 0 where it is not; `decoded(item)` is
   * told when a picture can be drawn.
   */
  constructor(scale: (item: Item) => number, decoded: (item: Item) => void) {
    this.#scale = scale;
    this.#decoded = decoded;
  }

  /** The picture, or `null` while it is not decoded, where there is no room for it, and for ever if it cannot be. */
  of(item: Item): ImageBitmap | null {
    const picture = this.#pictures.get(item) ?? { whole: null, broken: false, bitmap: null };
    this.#pictures.delete(item);
    this.#pictures.set(item, picture);
    this.#queue.add(item);
    void this.#work();
    return picture.bitmap;
  }

  /** The picture for a drawing with so many pixels in a board unit; whoever asks closes it. */
  async once({ shape }: Item, scale: number): Promise<ImageBitmap | null> {
    const whole = shape.kind === 'image' ? await decode(shape) : null;
    return whole && shape.kind === 'image' ? scaled(whole, shownSize(whole, shape, scale)) : null;
  }

  reset(): void {
    for (const { bitmap } of this.#pictures.values()) bitmap?.close();
    this.#pictures.clear();
    this.#queue.clear();
    this.#pixels = 0;
  }

  /** Decodes what is drawn without a picture, or with one that is too small, as long as there is room. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      // What is drawn in one go is asked for first.
      await null;
      let room = this.#room();
      for (const item of this.#queue) {
        this.#queue.delete(item);
        const picture = this.#pictures.get(item);
        const more = picture ? this.#lacks(item, picture) : 0;
        if (!picture || more === 0 || more > room) continue;
        if (await this.#decode(item, picture)) this.#decoded(item);
        room = this.#room();
      }
    } finally {
      this.#working = false;
    }
  }

  /** How many pixels more it should have; of one that was never decoded that is not known. */
  #lacks(item: Item, picture: Picture): number {
    const wanted = this.#wanted(item, picture);
    if (wanted) return Math.max(0, pixels(wanted) - pixels(picture.bitmap));
    return picture.broken || picture.whole || this.#scale(item) === 0 ? 0 : 1;
  }

  /** The size that it should have now; `null` if it is not seen, or was never decoded. */
  #wanted(item: Item, { whole, broken }: Picture): Size | null {
    const [scale, { shape }] = [this.#scale(item), item];
    if (!whole || broken || scale === 0 || shape.kind !== 'image') return null;
    return shownSize(whole, shape, scale);
  }

  /** What is left for pictures beside those that are seen now. */
  #room(): number {
    let room = PIXELS_MAX;
    for (const [item, picture] of this.#pictures) room -= this.#kept(item, picture);
    return room;
  }

  /** Pixels that do not give way to others. */
  #kept(item: Item, picture: Picture): number {
    const wanted = picture.bitmap && this.#wanted(item, picture);
    return wanted ? Math.min(pixels(picture.bitmap), TOO_LARGE * pixels(wanted)) : 0;
  }

  /** Whether there is another picture than before. */
  async #decode(item: Item, picture: Picture): Promise<boolean> {
    const whole = item.shape.kind === 'image' ? await decode(item.shape) : null;
    picture.broken = whole === null;
    if (!whole) return false;
    picture.whole = { width: whole.width, height: whole.height };
    // The window may have moved on meanwhile.
    const [wanted, more] = [this.#wanted(item, picture), this.#lacks(item, picture)];
    if (!wanted || more === 0 || more > this.#room()) {
      whole.close();
      return false;
    }
    const bitmap = await scaled(whole, wanted);
    picture.broken = bitmap === null;
    if (!bitmap || this.#pictures.get(item) !== picture) {
      bitmap?.close();
      return false;
    }
    this.#keep(picture, bitmap);
    await this.#makeRoom(item);
    return true;
  }

  #keep(picture: Picture, bitmap: ImageBitmap | null): void {
    this.#pixels += pixels(bitmap) - pixels(picture.bitmap);
    picture.bitmap?.close();
    picture.bitmap = bitmap;
  }

  /** Lets go of what is not seen, and makes smaller what is shown smaller, until the rest fits. */
  async #makeRoom(but: Item): Promise<void> {
    for (const [item, picture] of this.#pictures) {
      if (this.#pixels <= PIXELS_MAX) return;
      if (!picture.bitmap || item === but) continue;
      const wanted = this.#wanted(item, picture);
      if (!wanted) this.#keep(picture, null);
      else if (pixels(picture.bitmap) > TOO_LARGE * pixels(wanted)) {
        const smaller = await createImageBitmap(picture.bitmap, resized(wanted)).catch(() => null);
        if (this.#pictures.get(item) === picture) this.#keep(picture, smaller);
        else smaller?.close();
      }
    }
  }
}

/** Decodes a file; `null` if no picture that is as large as it may be comes of it. */
async function decode({ file }: ImageFields): Promise<ImageBitmap | null> {
  const bitmap = await createImageBitmap(new Blob([file])).catch(() => null);
  if (!bitmap || Math.max(bitmap.width, bitmap.height) <= SIDE_MAX) return bitmap;
  bitmap.close();
  return null;
}

/** The picture in this size; the larger one is let go. */
async function scaled(whole: ImageBitmap, size: Size): Promise<ImageBitmap | null> {
  if (size.width === whole.width && size.height === whole.height) return whole;
  const bitmap = await createImageBitmap(whole, resized(size)).catch(() => null);
  whole.close();
  return bitmap;
}

function resized({ width, height }: Size): ImageBitmapOptions {
  return { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' };
}

/** A size that is enough to be shown so, halved as often as it can be: a step of the zoom seldom asks for another. */
function shownSize({ width, height }: Size, shown: ImageFields, scale: number): Size {
  const part = Math.max((shown.width * scale) / width, (shown.height * scale) / height, SIDE_MIN / Math.max(width, height));
  const factor = part >= 1 ? 1 : 2 ** Math.ceil(Math.log2(part));
  return { width: Math.ceil(width * factor), height: Math.ceil(height * factor) };
}

function pixels(size: Size | null): number {
  return size ? size.width * size.height : 0;
}
