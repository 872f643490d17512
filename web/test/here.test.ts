/** What whoever waits for the start is told of it. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import en from '../../src/rostra/words/en.json' with { type: 'json' }
import type { Line } from '../src/event/line'
import type { Actions, Facts } from '../src/event/views'
import { Element, openPage } from './page'

const announce = vi.fn()
const WAITS = { standing: 'here', placed: { line: 0 }, position: null, room: null, isNew: false, kept: {} }

let face: (state: string, starts_at: number) => string

beforeEach(async () => {
  vi.resetModules()
  openPage()
  vi.stubGlobal('sessionStorage', { getItem: () => null })
  const { CATALOGUES } = await import('virtual:words/here')
  const event = await import('virtual:words/event')
  const { speak } = await import('../src/words/words')
  await speak(CATALOGUES)
  await speak(event.CATALOGUES)
  const { faceOf } = await import('../src/event/here-view')
  const view = faceOf({ shown: WAITS, hooks: { announce, draw() {} } } as unknown as Line, {} as Actions)
  face = (state, starts_at) => {
    view.update({ status: { state, starts_at }, now_ms: 1000, retry_at_ms: null, locked: false } as unknown as Facts)
    return (view.nodes[0] as unknown as Element).textContent
  }
})
afterEach(() => {
  vi.unstubAllGlobals()
})

test('the host is said to be missing only where nobody has come', () => {
  expect(face('late', 500)).toBe(en['line.here.late'])
  for (const state of ['lobby', 'scheduled']) expect(face(state, 500)).toBe(en['event.armed'])
  expect(announce).toHaveBeenLastCalledWith(en['event.armed'])
})
