// No list becomes the arguments of a function in the page: a browser takes about 120,000 of them, and then throws.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const BUILT = new URL('../../page/built/', import.meta.url);
const OPENED = { ')': '(', ']': '[', '}': '{' };

/** Where in a program a list is spread out as arguments: the rest of each such line. */
function spreads(program) {
  // Without comments, texts, and what is quoted in expressions.
  const code = program.replaceAll(/\/\/.*|\/\*[^]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<=[=(,] *)\/(?:\\.|\[(?:\\.|[^\]])*\]|[^/\n])+\/\w*/g, ' ');
  const found = [];
  const open = [];
  for (let at = 0; at < code.length; at += 1) {
    const sign = code[at];
    if ('([{'.includes(sign)) open.push({ sign, spread: null });
    else if (sign in OPENED) {
      const { sign: opened, spread } = open.pop() ?? {};
      assert.equal(opened, OPENED[sign], code.slice(at - 60, at + 20));
      // What is behind a list of parameters, where the dots mean another thing.
      if (spread !== null && opened === '(' && !/^\s*(?:\{|=>)/.test(code.slice(at + 1))) found.push(spread);
    } else if (code.startsWith('...', at)) {
      if (open.length > 0) open.at(-1).spread = code.slice(at, code.indexOf('\n', at)).trim();
      at += 2;
    }
  }
  return found;
}

test('arguments of unknown number are found, and parameters and lists are none', () => {
  assert.deepEqual(spreads("Math.max(0, ...values);\nadd('(...x)', [...values], { ...one });\n"), ['...values);']);
  assert.deepEqual(spreads('const add = (...all) => f(...all);\nfunction g(one, ...more) { return [...more]; }\n'), ['...all);']);
});

for (const name of readdirSync(BUILT)) {
  test(`no list becomes arguments in ${name}`, () => {
    assert.deepEqual(spreads(readFileSync(new URL(name, BUILT), 'utf8')), []);
  });
}
