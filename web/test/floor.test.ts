/** The way to the stage is loaded when somebody asks: what was not reached can be asked for again. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import en from '../../src/rostra/words/en.json' with { type: 'json' }
import type { Boot } from '../src/event/status'
import { Element, openPage } from './page'

const way = vi.hoisted(() => ({ open: async (): Promise<() => void> => () => {} }))
vi.mock('../src/speaking/main', () => ({ open: () => way.open() }))

const missed = vi.fn(async () => {})
let root: Element

beforeEach(async () => {
  vi.clearAllMocks()
  vi.resetModules()
  openPage()
  root = new Element('section')
  document.getElementById = () => root as unknown as HTMLElement
  vi.stubGlobal('sessionStorage', { getItem: () => null })
  const { speak } = await import('../src/words/words')
  const { CATALOGUES } = await import('virtual:words/event')
  await speak(CATALOGUES)
  const { Floor } = await import('../src/event/floor')
  new Floor({ stop() {}, resume() {}, ask: async () => {}, missed, announce() {} }, '/s/s', { space: 's', state: 'live', locked: false } as Boot)
})
afterEach(() => vi.unstubAllGlobals())

const ask = () => root.all.find((each) => each.attributes.get('data-testid') === 'ask')!

test('a way to the stage that is not reached is told, and offered again', async () => {
  way.open = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'))
  ask().dispatchEvent(new Event('click'))
  expect(ask().hidden).toBe(true)
  await vi.waitFor(() => expect(ask().hidden).toBe(false))
  expect(root.shown).toContain(en['speak.unreachable'])
  expect(missed).toHaveBeenCalledOnce()
  way.open = async () => () => {}
  ask().dispatchEvent(new Event('click'))
  await vi.waitFor(() => expect(root.shown).not.toContain(en['speak.unreachable']))
  expect(ask().hidden).toBe(true)
})
