/** The further press that a browser wants before it lets sound out: "Tap to hear", and "Allow the sound" while one waits. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ListeningSession } from '../src/event/listening'

vi.mock('../src/player/media-source', () => ({ playsSegments: false }))
vi.mock('../src/player/metadata', () => ({ watchMetadata() {} }))

class Audio extends EventTarget {
  isConnected = true
  src = ''
  paused = true
  currentTime = 0
  readyState = 4
  /** Whether the browser refuses. */
  refuses = true
  canPlayType = () => 'maybe'
  pause() {
    this.paused = true
  }
  removeAttribute() {
    this.src = ''
  }
  load() {}
  play(): Promise<void> {
    if (this.refuses) return Promise.reject(new DOMException('', 'NotAllowedError'))
    this.paused = false
    return Promise.resolve()
  }
}

let audio: Audio
let states: string[]
let listening: ListeningSession

beforeEach(async () => {
  audio = new Audio()
  states = []
  vi.stubGlobal('navigator', { userAgent: 'iPhone', platform: 'iPhone', maxTouchPoints: 5 })
  vi.stubGlobal('location', { search: '' })
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('localStorage', { getItem: () => null })
  vi.stubGlobal('HTMLMediaElement', { HAVE_FUTURE_DATA: 3 })
  URL.createObjectURL = () => 'blob:silence'
  const hooks = { join: async () => ({ base: '/t/1/', ticket: '', run: '' }), changed: (state: { kind: string }) => states.push(state.kind), event() {}, over: async () => false, missed: async () => {} }
  const { ListeningSession } = await import('../src/event/listening')
  listening = new ListeningSession(hooks, audio as unknown as HTMLAudioElement)
})

afterEach(() => {
  listening.stop()
  vi.unstubAllGlobals()
})

const settled = () => new Promise((resolve) => setTimeout(resolve))
const until = (state: string) => vi.waitFor(() => expect(listening.state.kind).toBe(state), 3000)

test('it is starting at the press, and plays where that was enough', async () => {
  listening.listen()
  await until('blocked')
  expect(listening.locked).toBe(true)
  audio.refuses = false
  listening.unblock()
  expect([listening.state.kind, listening.locked, audio.src]).toEqual(['starting', false, '/t/1/index.m3u8'])
  audio.currentTime = 1
  await until('playing')
  expect(states).toEqual(['starting', 'blocked', 'starting', 'playing'])
})

test('where it was not, the page asks for another', async () => {
  listening.listen()
  await until('blocked')
  listening.unblock()
  await settled()
  expect(states).toEqual(['starting', 'blocked', 'starting', 'blocked'])
})

test('a pause that nobody here asked for is left alone until a press', async () => {
  audio.refuses = false
  listening.listen()
  await vi.waitFor(() => expect(audio.src).toBe('/t/1/index.m3u8'))
  audio.currentTime = 1
  await until('playing')
  audio.pause()
  audio.dispatchEvent(new Event('pause'))
  expect(listening.state.kind).toBe('blocked')
  audio.dispatchEvent(new Event('error'))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect([listening.state.kind, audio.paused]).toEqual(['blocked', true])
  listening.unblock()
  audio.currentTime = 2
  await until('playing')
})

test('before the start it unlocks the sound, and goes on waiting', async () => {
  listening.arm()
  await settled()
  expect([listening.state.kind, listening.locked]).toEqual(['armed', true])
  audio.refuses = false
  listening.unblock()
  await settled()
  expect([listening.state.kind, listening.locked, audio.src]).toEqual(['armed', false, 'blob:silence'])
})
