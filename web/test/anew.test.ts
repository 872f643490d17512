/** A page that is refused what it asks for is loaded anew, for the door has a page that says why; not again and again. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadAnew } from '../src/event/anew'
import { ANEW, TICKET } from '../src/event/remembered'
import type { Status } from '../src/event/status'

const MINUTE_MS = 60_000
const LIVE = { space: 'here', replay: null } as Status
const RECORDED = { space: 'here', replay: {} } as Status
const SILENT = { paused: true } as HTMLAudioElement
const SOUNDING = { paused: false } as HTMLAudioElement
const reload = vi.fn()
let kept: Map<string, string>

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-24T20:00:00Z') })
  vi.clearAllMocks()
  kept = new Map()
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('location', { reload })
  vi.stubGlobal('sessionStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('where something before the door refuses every question, a tab is loaded anew once in five minutes', () => {
  for (let seconds = 0; seconds < 11 * 60; seconds += 10) {
    loadAnew(LIVE, SILENT, false)
    vi.advanceTimersByTime(10_000)
  }
  expect(reload).toHaveBeenCalledTimes(3)
  loadAnew({ ...LIVE, space: 'elsewhere' }, SILENT, false)
  expect(reload).toHaveBeenCalledTimes(4)
})

test('whoever is shut out goes on by themselves, and again when they had been let in meanwhile', () => {
  kept.set(TICKET + 'here', '{"ticket":"1"}')
  loadAnew(LIVE, SOUNDING, true)
  expect([reload.mock.calls.length, kept.get(TICKET + 'here')]).toEqual([1, ANEW])
  loadAnew(LIVE, SOUNDING, true)
  expect(reload).toHaveBeenCalledOnce()
  kept.set(TICKET + 'here', '{"ticket":"2"}')
  loadAnew(LIVE, SOUNDING, true)
  expect(reload).toHaveBeenCalledTimes(2)
})

test('a recording is heard to its end, or until it is paused', () => {
  loadAnew(RECORDED, SOUNDING, false)
  expect(reload).not.toHaveBeenCalled()
  loadAnew(RECORDED, SILENT, false)
  expect(reload).toHaveBeenCalledOnce()
})

test('in a browser that keeps nothing only a page that has stood for a while is loaded anew', () => {
  vi.stubGlobal('sessionStorage', undefined)
  loadAnew(LIVE, SILENT, false)
  expect(reload).not.toHaveBeenCalled()
  vi.advanceTimersByTime(6 * MINUTE_MS)
  loadAnew(LIVE, SILENT, false)
  expect(reload).toHaveBeenCalledOnce()
})
