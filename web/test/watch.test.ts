/** An open page asks on while the door does not know its conversation yet, and turns away only from what is no more. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Watch } from '../src/door/watch'

const reload = vi.fn()
const learned = vi.fn()
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

async function watch_ms(ms: number): Promise<void> {
  const watch = new Watch('/status.json', 1000, { learned, unreachable: () => {}, waits: () => true })
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

test('a conversation that is no more is asked for anew, for the door has a page for it', async () => {
  statuses = [404]
  await watch_ms(2_000)
  expect(reload).toHaveBeenCalledOnce()
  expect(learned).not.toHaveBeenCalled()
})
