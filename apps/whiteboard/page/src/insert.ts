// Pictures that are pasted, dropped, or chosen.

import type { Camera } from './camera.js';
import type { Editor } from './editor.js';
import { COORDINATE_MAX } from './protocol.js';
import { type Small, shrink, told } from './shrink.js';

/** A picture takes no more of the window than this. */
const PART = 0.6;
/** A small picture is shown larger than its pixels, but not much. */
const LARGER = 1.5;

export class Insert {
  #editor: Editor;
  #camera: Camera;
  #newAction: () => bigint;
  #said: (text: string) => void;
  #chooser = document.createElement('input');

  /** `said(text)` tells the person what became of a picture. */
  constructor(editor: Editor, camera: Camera, newAction: () => bigint, said: (text: string) => void) {
    this.#editor = editor;
    this.#camera = camera;
    this.#newAction = newAction;
    this.#said = said;
    this.#chooser.type = 'file';
    this.#chooser.accept = 'image/png,image/jpeg,image/webp,image/gif,image/avif,image/bmp';
    this.#chooser.id = 'picture-file';
    this.#chooser.hidden = true;
    this.#chooser.addEventListener('change', () => {
      void this.#take(this.#chooser.files);
      this.#chooser.value = '';
    });
    document.body.append(this.#chooser);
    document.addEventListener('paste', (event) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
      if (this.#has(event.clipboardData?.files)) event.preventDefault();
      void this.#take(event.clipboardData?.files);
    });
    document.addEventListener('dragover', (event) => event.preventDefault());
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      void this.#take(event.dataTransfer?.files, [event.clientX, event.clientY]);
    });
  }

  /** Lets the person choose a file. */
  choose(): void {
    this.#chooser.click();
  }

  #has(files: FileList | null | undefined): boolean {
    return (files?.length ?? 0) > 0;
  }

  /** Puts the pictures in the middle of the window, or at a place in it. */
  async #take(files: FileList | null | undefined, at?: [number, number]): Promise<void> {
    // The list is emptied when the event is over.
    for (const file of [...(files ?? [])]) {
      try {
        const small = await shrink(file);
        this.#put(small, at ?? [this.#camera.width / 2, this.#camera.height / 2]);
        this.#said(told(small));
      } catch {
        this.#said('This file is no picture that can be read.');
      }
    }
  }

  #put({ file, width, height, from }: Small, [left, top]: [number, number]): void {
    const { width: across, height: down, scale } = this.#camera;
    const pixels = Math.min(from.width, LARGER * width, PART * across, (PART * down * width) / height);
    const [shownWidth, shownHeight] = [pixels / scale, (pixels * height) / width / scale].map(
      (side) => Math.fround(Math.min(COORDINATE_MAX, side)),
    ) as [number, number];
    const [middleX, middleY] = this.#camera.toBoard(left, top);
    const bound = (value: number) => Math.fround(Math.max(-COORDINATE_MAX, Math.min(COORDINATE_MAX, value)));
    const image = {
      kind: 'image' as const,
      action: this.#newAction(),
      x: bound(middleX - shownWidth / 2),
      y: bound(middleY - shownHeight / 2),
      width: shownWidth,
      height: shownHeight,
      file,
    };
    this.#editor.make(image, this.#editor.step('a picture'));
  }
}
