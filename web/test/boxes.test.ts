import { expect, test } from 'vitest'
import { ChunkSplitter, MAX_CHUNK_BYTES } from '../src/player/boxes'
import { box, chunk, emsg, joined } from './chunks'

const first = chunk('first', emsg({ v: 1, at: 0 }))
const second = chunk('second')

test('chunks come out whole and in order however the network cuts them', () => {
  const stream = joined(first, second)
  for (let size = 1; size <= stream.length; size += 1) {
    const splitter = new ChunkSplitter()
    const out: Uint8Array[] = []
    for (let at = 0; at < stream.length; at += size) out.push(...splitter.push(stream.slice(at, at + size)))
    expect(out).toEqual([first, second])
  }
})

test('half a chunk is kept back', () => {
  const splitter = new ChunkSplitter()
  expect(splitter.push(first.slice(0, -1))).toEqual([])
  expect(splitter.push(first.slice(-1))).toEqual([first])
})

test('a stream that is not one of chunks is refused', () => {
  expect(() => new ChunkSplitter().push(new Uint8Array(64))).toThrow(RangeError)
  const vast = box('moof').slice()
  new DataView(vast.buffer).setUint32(0, MAX_CHUNK_BYTES + 1)
  expect(() => new ChunkSplitter().push(vast)).toThrow(RangeError)
})

test('random bytes end in chunks or a RangeError, never in a hang', () => {
  for (let round = 0; round < 500; round += 1) {
    const noise = crypto.getRandomValues(new Uint8Array(200))
    try {
      new ChunkSplitter().push(noise)
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  }
})
