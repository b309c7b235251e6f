// The paper as the style sheets say it is: what canvases cannot read from them by themselves.

import { isDark, parsed } from './colours.js';

export interface Paper {
  colour: string;
  dark: boolean;
  /** Of frames and rings. */
  edge: string;
}

export function readPaper(): Paper {
  const style = getComputedStyle(document.documentElement);
  const colour = style.getPropertyValue('--paper').trim();
  return { colour, dark: isDark(parsed(colour)), edge: style.getPropertyValue('--ink').trim() };
}
