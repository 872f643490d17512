/** A stream that breaks is taken up again with the ticket that let it in; one that was never heard has the door asked anew. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NativePlayer } from '../src/player/native'
import { Audio } from './audio'

vi.mock('../src/player/metadata', () => ({ watchMetadata() {} }))

const SOON_MS = 20_000

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('HTMLMediaElement', { HAVE_FUTURE_DATA: 3 })
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => {})
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('the ticket is tried again once it has been heard, and else the door is asked', async () => {
  const audio = new Audio()
  let joins = 0
  const hooks = { join: async () => ({ base: `/t/${++joins}/`, ticket: '', run: '' }), playing() {}, event() {}, over: async () => false, failed() {} }
  const player = new NativePlayer(audio as unknown as HTMLAudioElement, hooks, false)
  player.start()
  await vi.advanceTimersByTimeAsync(300)
  expect(audio.src).toBe('/t/1/index.m3u8')
  audio.currentTime = 5
  await vi.advanceTimersByTimeAsync(300)
  audio.dispatchEvent(new Event('error'))
  await vi.advanceTimersByTimeAsync(1)
  expect(audio.src).toBe('')
  await vi.advanceTimersByTimeAsync(5000)
  expect([audio.src, joins]).toEqual(['/t/1/index.m3u8', 1])
  audio.dispatchEvent(new Event('error')) // nothing was heard meanwhile
  await vi.advanceTimersByTimeAsync(SOON_MS)
  expect(joins).toBeGreaterThan(1)
  player.stop()
})
