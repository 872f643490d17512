/** Where the browser plays by itself, what its cues tell is told once, however often the stream was taken up again. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NativePlayer } from '../src/player/native'
import { Audio } from './audio'

class Track extends EventTarget {
  kind = 'metadata'
  mode = 'disabled'
  activeCues = [{ value: { key: 'PRIV', info: 'rostra.events', data: new TextEncoder().encode('{"v":1,"at":0}').buffer } }]
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('HTMLMediaElement', { HAVE_FUTURE_DATA: 3 })
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('an event is told once after a stream broke twice', async () => {
  const track = new Track()
  const textTracks = Object.assign(new EventTarget(), { *[Symbol.iterator]() { yield track } })
  const audio = Object.assign(new Audio(), { textTracks })
  const event = vi.fn()
  const hooks = { join: async () => ({ base: '/t/1/', ticket: '', run: '' }), playing() {}, event, over: async () => false, failed() {} }
  const player = new NativePlayer(audio as unknown as HTMLAudioElement, hooks, false)
  player.start()
  for (let broken = 0; broken < 2; broken += 1) {
    audio.currentTime += 1
    await vi.advanceTimersByTimeAsync(500)
    audio.dispatchEvent(new Event('error'))
    await vi.advanceTimersByTimeAsync(5000)
  }
  expect(player.rejoins).toBe(2)
  track.dispatchEvent(new Event('cuechange'))
  expect(event).toHaveBeenCalledOnce()
  player.stop()
})
