/** An open page asks on, whatever is answered, and tells of what is no more. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Watch, type Paced, type Watcher } from '../src/door/watch'

const reload = vi.fn()
const learned = vi.fn()
const gone = vi.fn()
let statuses: number[]
let asked: number

beforeEach(() => {
  vi.useFakeTimers()
  vi.clearAllMocks()
  asked = 0
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('location', { reload })
  vi.stubGlobal('fetch', async () => new Response('{"poll_ms":1000}', { status: statuses[asked++] ?? 200 }))
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function watch_ms(ms: number, more: Partial<Watcher<Paced>> = {}): Promise<void> {
  const watch = new Watch<Paced>('/status.json', 1000, { learned, unreachable: () => {}, waits: () => true, ...more })
  watch.start()
  await vi.advanceTimersByTimeAsync(ms)
  watch.stop()
}

test('while the door asks for patience the page stays as it is and asks on', async () => {
  statuses = [503, 503]
  await watch_ms(30_000)
  expect(reload).not.toHaveBeenCalled()
  expect(learned).toHaveBeenCalledWith({ poll_ms: 1000 })
})

test('of a conversation that is no more, or not for this visitor, it is told, and asks on', async () => {
  statuses = [404]
  await watch_ms(30_000, { gone })
  expect(gone).toHaveBeenCalledOnce()
  expect(learned).toHaveBeenCalledWith({ poll_ms: 1000 })
})

test('a list of conversations whose questions are refused says that the door is not reached, and is not loaded anew', async () => {
  statuses = Array<number>(100).fill(403)
  const unreachable = vi.fn()
  await watch_ms(60_000, { unreachable })
  expect(unreachable).toHaveBeenCalledWith({ retry_at_ms: expect.any(Number) as number })
  expect(asked).toBeLessThan(10)
  expect(reload).not.toHaveBeenCalled()
})
