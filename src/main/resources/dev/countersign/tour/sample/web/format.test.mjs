import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { amount } from './format.mjs';
import { rates } from './rates.mjs';

test('thousands are grouped', () => {
  assert.equal(amount(123450), '1,234.50');
  assert.equal(amount(100000000), '1,000,000.00');
  assert.equal(amount(-123450), '-1,234.50');
});

test('small amounts stay as they are', () => {
  assert.equal(amount(5), '0.05');
  assert.equal(amount(99999), '999.99');
});

test('the page has the same rates as the sums', () => {
  const source = JSON.parse(readFileSync(new URL('../rates.json', import.meta.url)));
  assert.deepEqual(rates, source);
});
