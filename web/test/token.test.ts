/** A speaker's link opens its studio in one tab, until backstage knows its key no more or another one is brought. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { forgetToken, takeToken } from '../src/backstage/studio/token'

const page = new EventTarget()
const here = { href: '', hash: '', pathname: '/studio/tides', search: '', reload: vi.fn() }

function open(hash: string): void {
  here.hash = hash
  here.href = `https://live.example/studio/tides${hash}`
}

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (slot: string) => kept.get(slot) ?? null,
    setItem: (slot: string, key: string) => kept.set(slot, key),
    removeItem: (slot: string) => kept.delete(slot),
  })
  vi.stubGlobal('location', here)
  vi.stubGlobal('history', { replaceState: () => open('') })
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
})

afterEach(() => vi.unstubAllGlobals())

test('a key leaves the address bar at once, and a reload finds it until it is forgotten', () => {
  open('#k=first')
  expect([takeToken('tides'), here.hash, takeToken('tides'), takeToken('dunes')]).toEqual(['first', '', 'first', null])
  forgetToken('tides')
  expect(takeToken('tides')).toBeNull()
})

test('a fresh link in the tab of another one begins anew with its key, and nothing else after # does', async () => {
  open('#k=first')
  const { followLinks } = await import('../src/backstage/route.svelte')
  const stop = followLinks()
  takeToken('tides')
  open('#content')
  page.dispatchEvent(new Event('hashchange'))
  expect(here.reload).not.toHaveBeenCalled()
  open('#k=second')
  page.dispatchEvent(new Event('hashchange'))
  expect(here.reload).toHaveBeenCalledOnce()
  expect([takeToken('tides'), here.hash]).toEqual(['second', ''])
  stop()
  open('#k=third')
  page.dispatchEvent(new Event('hashchange'))
  expect(here.reload).toHaveBeenCalledOnce()
})
