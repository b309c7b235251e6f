// A field that holds so much and no more. What is in it stays: when it is full, nothing more comes in.

import { byteLength, cleanLines, cut } from './text.js';

/** Lets so many bytes into the field; `full()` is told when something was left out. */
export function bounded(field: HTMLTextAreaElement, bytes: number, full: () => void): void {
  /** What was in it before, which fits. */
  let before = field.value;

  field.addEventListener('beforeinput', (event) => {
    if (event.isComposing || !event.inputType.startsWith('insert')) return;
    const given = event.data ?? event.dataTransfer?.getData('text/plain') ?? '\n';
    const { value, selectionStart: start, selectionEnd: end } = field;
    if (length(value.slice(0, start) + given + value.slice(end)) <= bytes) return;
    event.preventDefault();
    full();
    const part = cut(cleanLines(given), bytes - length(value.slice(0, start) + value.slice(end)));
    // The browser's own undo knows only of what the browser inserts.
    if (part) document.execCommand('insertText', false, part);
  });

  // What could not be held up before it was there, as letters that are composed.
  const settle = () => {
    const { value, selectionStart: caret } = field;
    if (length(value) > bytes) {
      full();
      let [front, back] = [0, 0];
      const most = Math.min(before.length, value.length);
      while (front < Math.min(most, caret) && before[front] === value[front]) front += 1;
      while (back < most - front && before.at(-1 - back) === value.at(-1 - back)) back += 1;
      const [head, tail] = [value.slice(0, front), value.slice(value.length - back)];
      const part = cut(cleanLines(value.slice(front, value.length - back)), bytes - length(head + tail));
      field.value = head + part + tail;
      field.selectionStart = field.selectionEnd = front + part.length;
    }
    before = field.value;
  };
  field.addEventListener('input', (event) => (event as InputEvent).isComposing || settle());
  field.addEventListener('compositionend', settle);
}

function length(text: string): number {
  return byteLength(cleanLines(text));
}
