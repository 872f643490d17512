/** What whoever waits for the start is told of it. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import en from '../../src/rostra/words/en.json' with { type: 'json' }
import type { Line } from '../src/event/line'
import type { Actions, Facts } from '../src/event/views'
import { Element, openPage } from './page'

const announce = vi.fn()
const WAITS = { standing: 'here', placed: { line: 0 }, position: null, room: null, isNew: false, kept: {} }

let face: (state: string, starts_at: number) => string
let lines: () => string[]

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
  lines = () => view.nodes.slice(0, 3).map((node) => node as unknown as Element & { hidden: boolean }).filter(({ hidden }) => !hidden).map(({ textContent }) => textContent)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

test('the host is said to be missing only where nobody has come', () => {
  expect(face('late', 500)).toBe(en['event.late'])
  for (const state of ['lobby', 'scheduled']) expect(face(state, 500)).toBe(en['event.lobby'])
  expect(announce).toHaveBeenLastCalledWith(en['event.lobby'])
})

test('whoever waits for the draw is told when it starts, and is promised no place', () => {
  face('scheduled', 61_000)
  expect(lines()).toEqual([en['line.here'], en['event.armed_in'].replace('{time}', '1 min 0 sec')])
})

test('what stands in the first line is not said once more below it', () => {
  face('lobby', 500)
  expect(lines()).toEqual([en['event.lobby']])
})

test('whoever came by a reserved link reads that it counts', async () => {
  const { sayMore } = await import('../src/event/line-view')
  const line = { place: { kept: {}, keep() {} }, estimate() {}, hooks: { announce } } as unknown as Line
  const tell = await sayMore(line, new Element('details') as unknown as HTMLElement, () => ({ head: '', how: '', why: '' }))
  const reserved = { ...WAITS, standing: 'drawn', placed: { line: 2 }, position: 3, estimate: { minutes: null, why: '' } }
  expect(tell(reserved as never, { status: {}, retry_at_ms: null } as unknown as Facts).head).toBe(en['line.position.reserved'].replace('{position}', '3'))
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
