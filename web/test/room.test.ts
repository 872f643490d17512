/** What a studio does that is refused: it asks again where that may be lifted, and there alone. */

import { afterEach, expect, it, vi } from 'vitest'
import { Room } from '../src/backstage/studio/room.svelte'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it.each([
  ['off_stage', true],
  ['blocked', true],
  ['suspended', true],
  ['not_allowed', false],
])('refused as %s', async (code, lifted) => {
  vi.useFakeTimers()
  const asked = vi.fn(() => Promise.resolve(Response.json({ error: { code, message: 'No.' } }, { status: 403 })))
  vi.stubGlobal('fetch', asked)
  const room = new Room('space')
  room.start()
  await vi.advanceTimersByTimeAsync(30_000)
  room.stop()
  expect([room.refused, room.problem, room.waits, asked.mock.calls.length > 1]).toEqual([true, 'No.', lifted, lifted])
})

it.each([
  ['sign_in_needed', 401, true],
  ['not_allowed', 403, false],
])('refused as %s, backstage knows whoever asks or not', async (code, status, unknown) => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ error: { code, message: 'No.' } }, { status })))
  const room = new Room('space')
  room.start()
  await vi.advanceTimersByTimeAsync(1000)
  room.stop()
  expect([room.refused, room.unknown]).toEqual([true, unknown])
})

it('lifted while the page stands open, and refused again', async () => {
  vi.useFakeTimers()
  const answers = [refused(), refused(), streamed(), refused()]
  vi.stubGlobal('fetch', () => Promise.resolve(answers.shift() ?? refused()))
  const room = new Room('space')
  const seen: boolean[][] = []
  room.start()
  for (let passed_ms = 0; passed_ms < 60_000; passed_ms += 100) {
    await vi.advanceTimersByTimeAsync(100)
    seen.push([room.refused, room.let_back])
  }
  room.stop()
  expect(seen).toContainEqual([false, true])
  expect([seen[0], seen.at(-1)]).toEqual([[true, false], [true, false]])
})

function refused(): Response {
  return Response.json({ error: { code: 'blocked', message: 'No.' } }, { status: 403 })
}

function streamed(): Response {
  return new Response('data: {}\n\n', { headers: { 'Content-Type': 'text/event-stream' } })
}
