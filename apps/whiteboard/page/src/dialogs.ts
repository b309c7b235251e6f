// The dialogs: whether the board is to be cleared, and which keys there are.

import { dialog } from './dialog.js';
import { listKeys } from './keys.js';
import { make } from './make.js';

/** Made when it is asked for, once. */
let clearing: { dialog: HTMLDialogElement; answered: (yes: boolean) => void } | null = null;
let keys: HTMLDialogElement | null = null;

/** Whether the person wants the board cleared. */
export function askToClear(): Promise<boolean> {
  clearing ??= makeClearing();
  const asked = clearing;
  asked.dialog.showModal();
  return new Promise((resolve) => { asked.answered = resolve; });
}

/** Shows the list of keys. */
export function showKeys(): void {
  keys ??= makeKeys();
  keys.showModal();
}

function makeClearing() {
  const keep = make('button', { type: 'button', autofocus: true }, 'Keep it');
  const clear = make('button', { type: 'button', class: 'grave' }, 'Clear');
  const made = dialog(
    'clearing',
    'Clear the board?',
    make('p', {}, 'It becomes empty for everyone. This can be undone for a while.'),
    make('div', { class: 'answers' }, keep, clear),
  );
  const asked = { dialog: made, answered: (_yes: boolean) => {} };
  keep.addEventListener('click', () => made.close());
  clear.addEventListener('click', () => {
    asked.answered(true);
    made.close();
  });
  // However it is closed: a second answer to the same question counts for nothing.
  made.addEventListener('close', () => asked.answered(false));
  return asked;
}

function makeKeys(): HTMLDialogElement {
  const list = make('dl', { tabindex: 0, 'aria-label': 'Keys' });
  listKeys(list);
  return dialog('keys', 'Keys', list);
}
