/** A press in a browser that plays no segments itself: the way to play is loaded, and comes too late for whoever has stopped. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let joins = 0
/** Called when what plays was not reached. */
let missed = async () => {}

vi.mock('../src/player/media-source', () => ({ playsSegments: false }))

const audio = { isConnected: true, canPlayType: () => 'maybe', play: () => Promise.resolve(), pause() {}, removeAttribute() {}, load() {}, addEventListener() {} }

async function session() {
  vi.stubGlobal('navigator', { userAgent: 'iPhone', platform: 'iPhone', maxTouchPoints: 5 })
  vi.stubGlobal('location', { search: '' })
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('localStorage', { getItem: () => null })
  vi.stubGlobal('document', { createElement: () => audio })
  URL.createObjectURL = () => 'blob:silence'
  const { ListeningSession } = await import('../src/event/listening')
  const states: string[] = []
  const hooks = { join: () => ((joins += 1), new Promise<never>(() => {})), changed: (state: { kind: string }) => states.push(state.kind), event() {}, over: async () => false, missed: () => missed() }
  return { listening: new ListeningSession(hooks, audio as unknown as HTMLAudioElement), states }
}

beforeEach(() => {
  joins = 0
  missed = async () => {}
})
afterEach(() => vi.unstubAllGlobals())

const playing = () => vi.waitFor(() => expect(joins).toBeGreaterThan(0), 5000)
const loaded = async () => {
  await import('../src/player/native')
  await new Promise((resolve) => setTimeout(resolve, 50))
}

test('it is starting at the press, and plays by what was loaded', async () => {
  const { listening, states } = await session()
  listening.listen()
  expect([states, joins, listening.player]).toEqual([['starting'], 0, null])
  await playing()
  expect(listening.player?.name).toBe('native')
  listening.stop()
})

test('whoever has stopped meanwhile hears nothing', async () => {
  const { listening } = await session()
  listening.listen()
  listening.stop()
  await loaded()
  expect([listening.state.kind, joins]).toEqual(['off', 0])
})

test('who presses twice is played to once', async () => {
  const { listening } = await session()
  listening.listen()
  listening.listen()
  await playing()
  await loaded()
  expect(joins).toBe(1)
  listening.stop()
})

test('what plays and was not reached is asked for again, after the page has looked whether it is still there', async () => {
  vi.doMock('../src/player/native', () => Promise.reject(new TypeError('Failed to fetch dynamically imported module')))
  let look = () => {}
  const looks = vi.fn(() => new Promise<void>((resolve) => (look = resolve)))
  missed = looks
  const { listening } = await session()
  listening.listen()
  await vi.waitFor(() => expect(looks).toHaveBeenCalledOnce(), 3000)
  expect(listening.state.kind).toBe('reaching')
  vi.doUnmock('../src/player/native')
  look()
  await playing()
  listening.stop()
})
