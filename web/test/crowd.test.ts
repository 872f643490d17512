/** How often a waiting page asks while a crowd grows, as the status file tells of it: by a clock of its own. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Watch } from '../src/door/watch'

/** `poll_ms` of a status file: what the door tells a hundred, ten thousand, fifty thousand and two hundred thousand pages. */
const CROWDS = [1_500, 2_942, 14_706, 58_824]
const ASKED = 40

let told_ms: number

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('fetch', async () => Response.json({ poll_ms: told_ms }))
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** How long a page waits after each answer, the first of which tells `next(0)` as `poll_ms`. */
async function waits_ms(count: number, next: (answer: number) => number): Promise<number[]> {
  const waits: number[] = []
  let before_ms = performance.now()
  told_ms = next(0)
  const learned = () => {
    waits.push(performance.now() - before_ms)
    before_ms = performance.now()
    told_ms = next(waits.length)
  }
  const watch = new Watch('/status.json', CROWDS[0]!, { learned, unreachable: () => {}, waits: () => true })
  watch.start()
  while (waits.length <= count) await vi.advanceTimersByTimeAsync(1_000)
  watch.stop()
  return waits.slice(1, count + 1)
}

test('a page waits longer the larger the crowd is, never longer than it was told, and spread over a third of that', async () => {
  for (const poll_ms of CROWDS) {
    const waits = await waits_ms(ASKED, () => poll_ms)
    expect(Math.max(...waits)).toBeLessThanOrEqual(poll_ms)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0.7 * poll_ms - 1)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(0.15 * poll_ms)
  }
})

test('a page follows a crowd that grows meanwhile, and one that goes, from the next answer on', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  const crowds = [...CROWDS, ...CROWDS.toReversed()]
  const waits = await waits_ms(crowds.length, (answer) => crowds[answer] ?? 0)
  expect(waits).toEqual(crowds.map((poll_ms) => Math.trunc(0.85 * poll_ms)))
})
