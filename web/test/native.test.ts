/** iPhone and iPad: what the browser does not tell is told beside the sound, and the data saver plays the cheaper rendition. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NativePlayer } from '../src/player/native'
import { Audio } from './audio'

vi.mock('../src/player/metadata', () => ({ watchMetadata() {} }))

const RENDITIONS = [
  { name: 'aac64', codec: 'mp4a.40.2', bandwidth: 82_000, average_bandwidth: 72_000 },
  { name: 'opus16', codec: 'opus', bandwidth: 30_000, average_bandwidth: 22_000 },
  { name: 'aac32', codec: 'mp4a.40.2', bandwidth: 50_000, average_bandwidth: 40_000 },
]

let audio: Audio & { getStartDate?: () => Date }
let live: object
let player: NativePlayer

async function hear(seconds: number): Promise<void> {
  for (let at_s = 0; at_s < seconds; at_s += 0.25) {
    audio.currentTime += 0.25
    await vi.advanceTimersByTimeAsync(250)
    audio.dispatchEvent(new Event('timeupdate'))
  }
}

async function begin(saving = false): Promise<void> {
  const hooks = { join: async () => ({ base: '/t/1/', ticket: '', run: '' }), playing() {}, event() {}, over: async () => false, failed() {} }
  player = new NativePlayer(audio as unknown as HTMLAudioElement, hooks, saving)
  player.start()
  await settled()
}

/** What is loaded late is there, and has been answered. */
async function settled(): Promise<void> {
  await vi.dynamicImportSettled()
  await vi.advanceTimersByTimeAsync(1)
  await vi.dynamicImportSettled()
  await vi.advanceTimersByTimeAsync(1)
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('HTMLMediaElement', { HAVE_FUTURE_DATA: 3 })
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('fetch', async () => Response.json(live))
  live = { run: 'r', samples: 48_000, renditions: RENDITIONS }
  audio = new Audio()
})
afterEach(() => {
  player.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('all renditions are there to choose from, and what is heard is counted as the best of them', async () => {
  await begin()
  expect([audio.src, player.canSave]).toEqual(['/t/1/index.m3u8', true])
  await hear(10)
  expect(player.received.seconds).toBeCloseTo(10)
  expect(player.received.bytes).toBeCloseTo(90_000)
  audio.currentTime += 600 // jumped over
  audio.dispatchEvent(new Event('timeupdate'))
  expect(player.received.seconds).toBeCloseTo(10)
})

test('the data saver plays the cheaper one, at the press and from the beginning, and the better one again', async () => {
  await begin(true)
  expect(audio.src).toBe('/t/1/r/aac32/live.m3u8')
  await hear(2)
  player.save(false)
  await vi.advanceTimersByTimeAsync(1000)
  await settled()
  expect(audio.src).toBe('/t/1/index.m3u8')
  await hear(2)
  const { bytes } = player.received
  player.save(true)
  await vi.advanceTimersByTimeAsync(1000)
  await settled()
  expect(audio.src).toBe('/t/1/r/aac32/live.m3u8')
  await hear(8)
  expect(player.received.bytes - bytes).toBeCloseTo(40_000, -4)
})

test('while writes are rare it is the one without parts, as soon as that plays', async () => {
  live = { ...live, cadence: 1, next_cadence: 4 }
  await begin(true)
  expect(audio.src).toBe('/t/1/r/aac32/live.m3u8')
  player.stop()
  live = { ...live, samples: 12 * 48_000 }
  await begin(true)
  expect(audio.src).toBe('/t/1/r/aac32/plain.m3u8')
})

test('where there is one rendition, or nothing is known of it, it is played, and nothing else is offered', async () => {
  for (const renditions of [RENDITIONS.slice(0, 2), []]) {
    live = { ...live, renditions }
    await begin(true)
    expect([audio.src, player.canSave]).toEqual(['/t/1/index.m3u8', false])
    player.stop()
  }
  vi.stubGlobal('fetch', async () => new Response(null, { status: 503 }))
  await begin(true)
  expect([audio.src, player.canSave]).toEqual(['/t/1/index.m3u8', false])
})

test('how far behind live it plays is told where the browser dates the stream', async () => {
  await begin()
  expect(player.latency_s).toBe(0)
  player.stop()
  audio.getStartDate = () => new Date(Date.now() - 5000)
  await begin()
  expect(player.latency_s).toBeCloseTo(5 - audio.currentTime, 1)
})

test('whoever stops while the cheaper one is looked for hears nothing', async () => {
  let answer = (_: Response) => {}
  vi.stubGlobal('fetch', () => new Promise((resolve) => (answer = resolve)))
  await begin(true)
  player.stop()
  answer(Response.json(live))
  await settled()
  expect(audio.src).toBe('')
})
