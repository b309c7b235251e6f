// The paper as the style sheets say it is: what canvases cannot read from them by themselves.
import { isDark, parsed } from './colours.js';
export function readPaper() {
    const style = getComputedStyle(document.documentElement);
    const colour = style.getPropertyValue('--paper').trim();
    return { colour, dark: isDark(parsed(colour)), edge: style.getPropertyValue('--ink').trim() };
}
