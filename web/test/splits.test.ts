import { expect, test } from 'vitest'
import { splits } from '../src/backstage/captions/splits'

test('a line goes on while its sentence does', () => {
  expect(splits('')).toBe(0)
  expect(splits('Good evening to all of')).toBe(0)
  expect(splits('Good evening to all of you.')).toBe(0) // perhaps it goes on: “…”, a quote
})

test('a sentence ends a line once the next word begins', () => {
  const text = 'Good evening to all of you. And'
  expect(text.slice(0, splits(text))).toBe('Good evening to all of you. ')
  const quoted = '¿Quién lo ha dicho?» preguntó'
  expect(quoted.slice(0, splits(quoted))).toBe('¿Quién lo ha dicho?» ')
})

test('a short word with a full stop is not a sentence', () => {
  expect(splits('Yes. And')).toBe(0)
  expect(splits('Dr. Who is')).toBe(0)
})

test('a long line is cut at a word, and never within one', () => {
  const text = 'word '.repeat(18)
  const cut = splits(text)
  expect(cut).toBeGreaterThan(70)
  expect(text[cut - 1]).toBe(' ')
  expect(splits('x'.repeat(200))).toBe(0)
})
