// The words and numbers of the panels, without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { count, level, overall, percent, size } from '../../page/built/health.js';
import { initials, letters } from '../../page/built/person.js';

const pool = (pressure, ...history) => ({ pressure, history: { rate: [], pressure: history } });
const health = (status, pools, store = {}) => ({ status, pools, store });

test('a pressure has the word that the server has for it', () => {
  const words = [0, 0.499, 0.5, 0.799, 0.8, 0.899, 0.9, 1].map(level);
  assert.deepEqual(words, [
    'excellent', 'excellent', 'good', 'good', 'warning', 'warning', 'critical', 'critical',
  ]);
});

test('the whole is as bad as the server says, and as the worst pool was in the last second', () => {
  assert.equal(overall(health('excellent', [pool(0), pool(0.1)])), 'excellent', 'without a history yet');
  assert.equal(overall(health('excellent', [pool(0, 0.2), pool(0.1, 0.95)])), 'critical');
  assert.equal(overall(health('excellent', [pool(0, 0.95, 0.1)])), 'excellent', 'it was full the second before');
  assert.equal(overall(health('critical', [pool(0, 0)])), 'critical');
  assert.equal(overall(health('good', [pool(0, 0)], { full: true })), 'full');
  assert.equal(overall(health('failed', [pool(1, 1)], { full: true })), 'failed', 'worse than all');
});

test('numbers are short', () => {
  assert.equal(count(12345.6), '12,346');
  assert.deepEqual([0, 0.004, 0.25, 1].map(percent), ['0 %', '<1 %', '25 %', '100 %']);
  assert.deepEqual([0, 1023, 1024, 1536, 48_300_000, 2 ** 40].map(size), [
    '0 B', '1,023 B', '1.0 KiB', '1.5 KiB', '46 MiB', '1.0 TiB',
  ]);
});

test('a name has one letter or two, whatever it is made of', () => {
  assert.deepEqual(['Quiet Heron', 'zoë', 'Ann van der Lee', 'é', 'a-b', '  ', '👩‍🚀 Kim'].map(initials), [
    'QH', 'Z', 'AL', 'É', 'AB', '?', '👩‍🚀K',
  ]);
});

test('letters can be read on every colour', () => {
  assert.deepEqual([0x000000, 0x1f5fbf, 0xffffff, 0xffff00].map(letters), ['#fff', '#fff', '#111', '#111']);
});
