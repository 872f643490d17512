/** A list says for how long the door has not been reached, and stops saying so. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Lost } from '../src/home/lost'

let line: HTMLElement
let hears: Record<string, () => void>
let isOnline: boolean
const announce = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  vi.clearAllMocks()
  hears = {}
  isOnline = true
  line = { hidden: true, textContent: '', dataset: { offline: 'Offline.', next: 'Next try in {seconds} s.', now: 'Right now.' } } as unknown as HTMLElement
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('navigator', {
    get onLine() {
      return isOnline
    },
  })
  vi.stubGlobal('addEventListener', (name: string, act: () => void) => (hears[name] = act))
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('it counts down to the next try, is said aloud once, and goes when the door answers', async () => {
  const lost = new Lost(line, announce)
  expect(line.hidden).toBe(true)
  lost.tell({ retry_at_ms: performance.now() + 12_000 })
  expect([line.hidden, line.textContent]).toEqual([false, 'Next try in 12 s.'])
  await vi.advanceTimersByTimeAsync(3_100)
  expect(line.textContent).toBe('Next try in 9 s.')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(line.textContent).toBe('Right now.')
  expect(announce).toHaveBeenCalledOnce()
  lost.tell(null)
  expect(line.hidden).toBe(true)
})

test('without a network it says so at once, and no more once there is one', () => {
  new Lost(line, announce)
  isOnline = false
  hears['offline']!()
  expect([line.hidden, line.textContent]).toEqual([false, 'Offline.'])
  expect(announce).toHaveBeenCalledWith('Offline.')
  isOnline = true
  hears['online']!()
  expect(line.hidden).toBe(true)
})
