import { afterEach, expect, test, vi } from 'vitest'
import { HttpError } from '../src/player/http'
import { lastOf, readSegments } from '../src/player/segments'
import { chunk } from './chunks'

const PER_SEGMENT = 12
const bytes = (number: number) => new Uint8Array(chunk(`chunk ${number}`))
const names = vi.fn<(name: string) => void>()

afterEach(() => vi.unstubAllGlobals())

/** A server of a programme of so many chunks; each answer breaks off once after as many as `breaks` says. */
function serve(chunks: number, breaks: Record<string, number> = {}): void {
  names.mockReset()
  vi.stubGlobal('fetch', async (url: string) => {
    const name = url.slice('folder/'.length)
    names(name)
    const [first = 0, last = 0] = name.split('.')[0]!.split('-').map(Number)
    const from = first * PER_SEGMENT
    if (from >= chunks) return new Response(null, { status: 404 })
    const until = Math.min(chunks, (last + 1) * PER_SEGMENT, from + (breaks[name] ?? Infinity))
    const whole = !(name in breaks)
    delete breaks[name]
    let at = from
    return new Response(
      new ReadableStream({
        pull(stream) {
          if (at < until) stream.enqueue(bytes(at++))
          else if (whole) stream.close()
          else stream.error(new TypeError('broken off'))
        },
      }, { highWaterMark: 0 }),
    )
  })
}

/** What is heard from segment `first` on, and how it ended. */
async function heard(first: number, deal = 0): Promise<{ chunks: Uint8Array[]; error: unknown }> {
  const chunks: Uint8Array[] = []
  try {
    for await (const each of readSegments('folder/', first, 0.05, new AbortController().signal, deal)) chunks.push(each)
  } catch (error) {
    return { chunks, error }
  }
  throw new Error('it never ends by itself')
}

const all = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => bytes(from + at))
const asked = () => names.mock.calls.map(([name]) => name)

test('a stretch ends where the deal says, and those with other deals ask at other borders', () => {
  for (const deal of [0, 4, 8, 12]) expect((lastOf(21, deal) + deal) % 16).toBe(15)
  expect([0, 4, 8, 12].map((deal) => lastOf(21, deal))).toEqual([31, 27, 23, 35])
})

test('stretch after stretch is asked for, the next one before the present one ends', async () => {
  serve(40 * PER_SEGMENT)
  const { chunks, error } = await heard(13)
  expect(asked()).toEqual(['13-15.m4s', '16-31.m4s', '32-47.m4s', '40-47.m4s'])
  expect(chunks).toEqual(all(13 * PER_SEGMENT, 40 * PER_SEGMENT))
  expect(error).toBeInstanceOf(HttpError)
})

test('a response that breaks off at the end of a segment goes on with the next, and nothing is missed', async () => {
  serve(20 * PER_SEGMENT, { '2-15.m4s': 3 * PER_SEGMENT, '5-15.m4s': PER_SEGMENT })
  const { chunks } = await heard(2)
  expect(asked().slice(0, 4)).toEqual(['2-15.m4s', '5-15.m4s', '6-15.m4s', '16-31.m4s'])
  expect(chunks).toEqual(all(2 * PER_SEGMENT, 20 * PER_SEGMENT))
})

test.each([0, 5, PER_SEGMENT + 1])('one that breaks off elsewhere, after %i chunks, is told as it is', async (after) => {
  serve(20 * PER_SEGMENT, { '2-15.m4s': after })
  const { chunks, error } = await heard(2)
  expect(chunks).toHaveLength(after)
  expect(String(error)).toMatch('broken off')
  expect(asked()).toEqual(['2-15.m4s'])
})

test('the end of the programme is told by whoever is asked for more', async () => {
  serve(3 * PER_SEGMENT + 5)
  const { chunks, error } = await heard(2)
  expect(chunks).toEqual(all(2 * PER_SEGMENT, 3 * PER_SEGMENT + 5))
  expect((error as HttpError).status).toBe(404)
  expect(asked()).toEqual(['2-15.m4s', '4-15.m4s'])
})

test('an answer without audio is no answer, and not asked for again at once', async () => {
  vi.stubGlobal('fetch', async () => new Response(''))
  expect(String((await heard(2)).error)).toMatch('no audio')
})
