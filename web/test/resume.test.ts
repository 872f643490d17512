/** A stream that breaks is taken up again with the ticket that let it in, however often that fails, until the edge refuses it. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NativePlayer } from '../src/player/native'
import { Audio } from './audio'

vi.mock('../src/player/metadata', () => ({ watchMetadata() {} }))

const SOON_MS = 20_000
const failed = vi.fn()
const hooks = { join: async () => ({ base: `/t/${++joins}/`, ticket: '', run: '' }), playing() {}, event() {}, over: async () => false, failed }

let audio: Audio
let joins: number
let edge: () => Promise<object>
let player: NativePlayer

function begin(): void {
  player = new NativePlayer(audio as unknown as HTMLAudioElement, hooks, false)
  player.start()
}

/** Plays on, as far as `ms` last. */
async function hear(ms: number): Promise<void> {
  for (let at_ms = 0; at_ms < ms; at_ms += 250) {
    audio.currentTime += 0.25
    await vi.advanceTimersByTimeAsync(250)
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.clearAllMocks()
  vi.stubGlobal('HTMLMediaElement', { HAVE_FUTURE_DATA: 3 })
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('fetch', () => edge())
  edge = async () => ({ ok: true, status: 200, json: async () => ({}) })
  joins = 0
  audio = new Audio()
  begin()
})
afterEach(() => {
  player.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('a stream that breaks is let go of, and taken up with the same ticket', async () => {
  await hear(500)
  expect(audio.src).toBe('/t/1/index.m3u8')
  audio.dispatchEvent(new Event('error'))
  await vi.advanceTimersByTimeAsync(1)
  expect(audio.src).toBe('')
  await vi.advanceTimersByTimeAsync(5000)
  expect([audio.src, joins]).toEqual(['/t/1/index.m3u8', 1])
})

test('in a tunnel, where every try fails, the place is kept', async () => {
  await hear(500)
  edge = () => Promise.reject(new TypeError('offline'))
  audio.play = () => Promise.reject(new DOMException('', 'NotSupportedError'))
  audio.dispatchEvent(new Event('error'))
  await vi.advanceTimersByTimeAsync(30_000)
  expect(player.rejoins).toBeGreaterThan(2)
  audio.play = () => Promise.resolve()
  await hear(SOON_MS)
  expect([audio.src, joins]).toEqual(['/t/1/index.m3u8', 1])
})

test('a ticket that the edge refuses leads back through the door', async () => {
  await hear(500)
  edge = async () => ({ ok: false, status: 403 })
  audio.dispatchEvent(new Event('error'))
  await vi.advanceTimersByTimeAsync(3000)
  expect(joins).toBeGreaterThan(1)
})

test('a stream of which nothing comes, and no end, is tried again, and another player after a few', async () => {
  player.stop()
  audio.play = () => new Promise(() => {}) // as with a Media Source that stays empty
  audio.readyState = 0
  begin()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(player.rejoins).toBeGreaterThan(0)
  await vi.advanceTimersByTimeAsync(2 * SOON_MS)
  expect(failed).toHaveBeenCalledOnce()
})

test('the silence that unlocked the sound may end while the door is asked: the first stream plays on', async () => {
  player.stop()
  const later = <T>(ms: number, what: T) => new Promise<T>((resolve) => setTimeout(() => resolve(what), ms))
  player = new NativePlayer(audio as unknown as HTMLAudioElement, {
    ...hooks, join: () => later(100, { base: '/t/slow/', ticket: '', run: '' }), over: () => later(200, false),
  }, false)
  player.start()
  audio.dispatchEvent(new Event('ended'))
  await hear(2000)
  expect([audio.src, player.rejoins]).toEqual(['/t/slow/index.m3u8', 0])
})
