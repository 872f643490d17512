/** Behind a cache a listener by HLS is counted by what the page says, for as long as it plays. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NativePlayer } from '../src/player/native'
import { Audio } from './audio'

vi.mock('../src/player/metadata', () => ({ watchMetadata() {} }))

const BASE = 'https://edge/t/1/'

let asked: string[] = []
let live: object = {}

function playing(): NativePlayer {
  const hooks = { join: async () => ({ base: BASE, ticket: '', run: '' }), playing() {}, event() {}, over: async () => false, failed() {} }
  const audio = new Audio()
  setInterval(() => (audio.currentTime += 1), 100)
  const player = new NativePlayer(audio as unknown as HTMLAudioElement, hooks, false)
  player.start()
  return player
}

const beacons = () => asked.filter((each) => each === `POST ${BASE}beacon`).length

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  vi.stubGlobal('HTMLMediaElement', { HAVE_FUTURE_DATA: 3 })
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push(`${init.method ?? 'GET'} ${url}`)
    return { ok: true, status: 200, json: async () => live }
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('a listener behind a cache says once a minute that they are there, until they stop', async () => {
  live = { beacon_s: 60 }
  const player = playing()
  await vi.advanceTimersByTimeAsync(1000)
  expect(beacons()).toBe(1)
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(beacons()).toBeGreaterThanOrEqual(8)
  player.stop()
  const told = beacons()
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(beacons()).toBe(told)
})

test('without a cache nothing is said', async () => {
  live = {}
  const player = playing()
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  expect(new Set(asked)).toEqual(new Set([`GET ${BASE}live.json`]))
  player.stop()
})
