/** Where the page's own player goes on after a break: browser and edge are played here, chunk by chunk. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CHUNK_S } from '../src/player/target'
import type { RoomEvent } from '../src/player/events'
import { chunk, emsg } from './chunks'

const PER_SEGMENT = 12
const QUANTUM_SAMPLES = 15_360
/** Made before anybody listens: eight chunks of segment 1. */
const BEFORE = 20

/** It holds one stretch, from the first chunk appended on, and drops what does not join up. */
class Buffer extends EventTarget {
  updating = false
  range: [number, number] | null = null
  get buffered() {
    return { length: this.range ? 1 : 0, start: () => this.range![0], end: () => this.range![1] }
  }
  appendBuffer(bytes: Uint8Array) {
    const number = /chunk (\d+)/.exec(new TextDecoder().decode(bytes))?.[1]
    const start = Number(number) * CHUNK_S
    const joins = this.range && start <= this.range[1] + 0.01
    if (number) this.range = joins ? [this.range![0], Math.max(this.range![1], start + CHUNK_S)] : [start, start + CHUNK_S]
    this.updating = true
    void Promise.resolve().then(() => {
      this.updating = false
      this.dispatchEvent(new Event('updateend'))
    })
  }
  remove() {}
}

let buffer: Buffer
class Media extends EventTarget {
  static isTypeSupported = () => true
  readyState = 'open'
  addSourceBuffer = () => (buffer = new Buffer())
}

/** Heard as far as it is in hand; whoever moves it from outside jumps. */
class Heard extends EventTarget {
  readonly jumps: number[] = []
  sources = 0
  paused = false
  readyState = 4
  playbackRate = 1
  error = null
  set src(_: string) {
    this.sources += 1
    this.#heard_s = 0
  }
  play = () => Promise.resolve()
  #heard_s = 0
  get currentTime() {
    return this.#heard_s
  }
  set currentTime(at_s: number) {
    this.jumps.push(at_s)
    this.#heard_s = at_s
  }
  hear(seconds: number) {
    const end_s = buffer?.range?.[1] ?? 0
    const isDry = this.#heard_s >= end_s - 0.001
    this.readyState = isDry ? 2 : 4
    this.#heard_s = Math.max(this.#heard_s, Math.min(end_s, this.#heard_s + seconds))
    this.dispatchEvent(new Event(isDry ? 'waiting' : 'timeupdate'))
  }
}

let audio: Heard
let asked: string[]
let isAway: boolean
/** Something on the way hands on whole answers alone. */
let isHeldBack: boolean
let failures: number
let breakOff: Set<() => void>
let told: RoomEvent[]
let run: string
let began_ms: number
let player: { start(): void; stop(): void; rejoins: number; stalls: number }

const made = () => BEFORE + Math.floor((performance.now() - began_ms) / 1000 / CHUNK_S + 0.001)

/** The chunk's number is told as a reaction, and its segment's as what lasts. */
const eventOf = (at: number) => ({
  v: 1,
  at: at * QUANTUM_SAMPLES,
  reactions: { clap: at },
  ...(at % PER_SEGMENT ? {} : { speakers: [], speaking: [], listeners: at / PER_SEGMENT }),
})

/** A stretch as the edge answers it: what is there at once, the rest as it is made. */
function stretch(name: string, signal?: AbortSignal | null): Response {
  asked.push(name)
  const [first = 0, last = 0] = name.split('.')[0]!.split('-').map(Number)
  let at = first * PER_SEGMENT
  let isBroken = false
  let breaks: () => void
  return new Response(new ReadableStream({
    start(stream) {
      breaks = () => {
        isBroken = true
        stream.error(new TypeError('network'))
      }
      breakOff.add(breaks)
      signal?.addEventListener('abort', () => isBroken || breaks())
      const write = () => {
        if (isAway || isBroken) return
        if (isHeldBack && made() < (last + 1) * PER_SEGMENT) return void setTimeout(write, 10)
        for (; at < Math.min(made(), (last + 1) * PER_SEGMENT); at += 1) stream.enqueue(new Uint8Array(chunk(`chunk ${at}.`, emsg(eventOf(at)))))
        setTimeout(write, 10)
      }
      write()
    },
    cancel: () => void breakOff.delete(breaks),
  }))
}

async function listen(seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 50; step += 1) {
    await vi.advanceTimersByTimeAsync(20)
    audio.hear(0.02)
  }
}

/** Nothing comes for so long, and what was under way has broken off. */
async function away(seconds: number): Promise<void> {
  isAway = true
  for (const breaks of breakOff) breaks()
  breakOff.clear()
  await listen(seconds)
  isAway = false
}

beforeEach(async () => {
  vi.useFakeTimers()
  vi.setSystemTime(0)
  vi.spyOn(Math, 'random').mockReturnValue(0)
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('HTMLMediaElement', { HAVE_FUTURE_DATA: 3 })
  vi.stubGlobal('MediaSource', Media)
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:sound')
  vi.spyOn(URL, 'revokeObjectURL').mockReturnValue()
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    if (isAway) throw new TypeError('network')
    const name = url.split('/').at(-1)!
    if (name === 'init.mp4') return new Response('init')
    if (name !== 'live.json') return stretch(name, init?.signal)
    return Response.json({
      run, anchor_utc_ns: 0, renditions: [{ name: 'opus32', codec: 'opus', bandwidth: 50_000 }],
      segment: Math.floor((made() - 1) / PER_SEGMENT), samples: made() * QUANTUM_SAMPLES,
    })
  })
  asked = []
  told = []
  run = 'r'
  began_ms = 0
  isAway = isHeldBack = false
  failures = 0
  breakOff = new Set()
  audio = new Heard()
  const { LivePlayer } = await import('../src/player/live')
  const hooks = { join: async () => ({ base: '/t/1/', ticket: '', run: '' }), playing() {}, event: (event: RoomEvent) => told.push(event), over: async () => false, failed: () => void (failures += 1) }
  player = new LivePlayer(audio as unknown as HTMLAudioElement, hooks, false)
  player.start()
})
afterEach(() => {
  player.stop()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** The chunks whose reactions were told, in order. */
const reacted = () => told.flatMap(({ reactions }) => reactions?.['clap'] ?? [])
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

const firsts = () => asked.map((name) => Number(name.split('-')[0]))

describe('a break of a second that crosses the border of a segment', () => {
  test('costs no word: the rest of the broken segment is fetched, and nothing is jumped over', async () => {
    await listen((2 * PER_SEGMENT - 1 - BEFORE) * CHUNK_S + 0.28)
    const jumps = audio.jumps.length
    await away(0.6)
    await listen(2)
    expect(firsts()).toEqual([1, 1])
    expect(audio.jumps).toHaveLength(jumps)
    expect(buffer.range![1]).toBeCloseTo(made() * CHUNK_S)
  })
})

test('who goes on where they were is told each moment once, and once more what lasts', async () => {
  await listen((2 * PER_SEGMENT - 1 - BEFORE) * CHUNK_S + 0.28)
  await away(0.6)
  await listen(0.6)
  await away(0.3)
  await listen(2)
  expect(firsts()).toEqual([1, 1, 2])
  expect(reacted()).toEqual(range(PER_SEGMENT, Math.floor(audio.currentTime / CHUNK_S + 0.001)))
  expect(told.flatMap(({ listeners }) => listeners ?? [])).toEqual([1, 1, 2, 2])
})

test('what is in hand before the segment that comes again is told in its time', async () => {
  await listen((2 * PER_SEGMENT - BEFORE) * CHUNK_S + 0.02)
  expect(audio.currentTime).toBeLessThan((2 * PER_SEGMENT - 1) * CHUNK_S)
  await away(0.1)
  await listen(2)
  expect(firsts().at(-1)).toBe(2)
  expect(reacted()).toEqual(range(PER_SEGMENT, Math.floor(audio.currentTime / CHUNK_S + 0.001)))
})

test('of another run, which counts from its own beginning, everything is told', async () => {
  await listen(12)
  run = 's'
  began_ms = performance.now()
  await away(0.6)
  told = []
  await listen(2)
  expect(reacted()).toEqual(range(PER_SEGMENT, Math.floor(audio.currentTime / CHUNK_S + 0.001)))
})

test('after a longer break a listener goes on at the newest segment', async () => {
  await listen(1)
  await away(12)
  await listen(13)
  expect(reacted()).toEqual([...new Set(reacted())])
  expect(firsts().at(-1)).toBeGreaterThan(3)
  expect(buffer.range![1] - audio.currentTime).toBeLessThan(2)
})

test('where whole answers alone come through, another player has its turn, which asks for such', async () => {
  await listen(1)
  isHeldBack = true
  await away(0.1)
  await listen(10)
  expect(failures).toBe(0)
  await listen(10)
  expect(failures).toBe(1)
})

test('a network that is away for long, or for a moment time and again, is no reason to try another player', async () => {
  await listen(1)
  await away(60)
  for (let time = 0; time < 5; time += 1) {
    await listen(10)
    isHeldBack = true
    await away(0.1)
    await listen(5)
    isHeldBack = false
  }
  expect(failures).toBe(0)
})

test('a player that is stopped while it joins again leaves the element alone', async () => {
  await listen(1)
  let answer = (_: Response) => {}
  const fetching = vi.spyOn(globalThis, 'fetch').mockReturnValue(new Promise((resolve) => (answer = resolve)))
  for (const breaks of breakOff) breaks()
  await vi.waitFor(() => expect(fetching).toHaveBeenCalled(), 5000)
  player.stop()
  answer(Response.json({ run: 's', anchor_utc_ns: 0, renditions: [{ name: 'opus32', codec: 'opus', bandwidth: 50_000 }], segment: 1, samples: 1 }))
  await listen(1)
  expect(audio.sources).toBe(1)
})

test('what is in hand names the segment that goes on there', async () => {
  const { firstSegment, segmentAfter } = await import('../src/player/live')
  const live = { segment: 7, samples: (7 * PER_SEGMENT + 5) * QUANTUM_SAMPLES }
  const afterChunks = (chunks: number) => segmentAfter(live, chunks * CHUNK_S)
  expect(afterChunks(7 * PER_SEGMENT + 3)).toBe(7)
  expect(afterChunks(7 * PER_SEGMENT - 1)).toBe(6)
  expect([segmentAfter(live, 7 * 3.84 - 0.01), segmentAfter(live, 7 * 3.84 + 0.01)]).toEqual([7, 7]) // whole, but for rounding
  expect(afterChunks(6 * PER_SEGMENT)).toBe(6)
  expect(afterChunks(6 * PER_SEGMENT - 1)).toBe(null)
  expect(afterChunks(9 * PER_SEGMENT)).toBe(7) // what the page heard is older than what it has
  expect(segmentAfter({ segment: 6, samples: 7 * 184_320 }, 7 * 3.84)).toBe(7) // it is about to begin
  expect(segmentAfter(live)).toBe(null)
  expect(firstSegment(live, CHUNK_S)).toBe(7)
  expect(firstSegment(live, 3.84)).toBe(6)
})
