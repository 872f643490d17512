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

test('nobody in the second line reads that everybody has the same chance', async () => {
  const { faceOf } = await import('../src/event/here-view')
  const facts = { status: { state: 'scheduled', starts_at: 60_000 }, now_ms: 1000, retry_at_ms: null, locked: false } as unknown as Facts
  const draw = vi.fn()
  const told = (shown: object) => {
    const view = faceOf({ shown, hooks: { announce, draw }, place: { kept: {} }, estimate() {} } as unknown as Line, {} as Actions)
    return () => {
      view.update(facts)
      return (view.nodes[0] as unknown as Element).textContent
    }
  }
  const second = told({ ...WAITS, placed: { line: 1, number: null } })
  second()
  await vi.waitFor(() => expect(draw).toHaveBeenCalled())
  expect(second()).toBe(en['line.two'])
})
