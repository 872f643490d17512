/** Links that say "recording" lead to it, also where the space has moved and its address leads on. */

import { expect, test } from 'vitest'
import { ownPage } from '../src/backstage/own-page'

test('once it is over, what was said is found where it was said', () => {
  expect(ownPage('http://door/s/a', { state: 'published', moved: true })).toBe('http://door/s/a?stay')
  expect(ownPage('/pass/a', { state: 'held', moved: true })).toBe('/pass/a?stay')
})

test('until then, and where nothing has moved, the address is the one that everybody has', () => {
  expect(ownPage('http://door/s/a', { state: 'live', moved: true })).toBe('http://door/s/a')
  expect(ownPage('http://door/s/a', { state: 'published', moved: false })).toBe('http://door/s/a')
})
