/** A microphone that the system takes away is told once, and told again when it is back. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchInterruptions } from '../src/backstage/studio/interruption'

class Track extends EventTarget {
  muted = false
}

let track: Track
let session: EventTarget & { state: string }
let said: string[]
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  track = new Track()
  session = Object.assign(new EventTarget(), { state: 'active' })
  said = []
  vi.stubGlobal('navigator', { audioSession: session })
  stop = watchInterruptions(track as unknown as MediaStreamTrack, { began: () => said.push('began'), ended: () => said.push('ended') })
})

afterEach(() => {
  stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('a call is told once, by whichever sign, and so is its end', () => {
  track.dispatchEvent(new Event('mute'))
  session.state = 'interrupted'
  session.dispatchEvent(new Event('statechange'))
  vi.advanceTimersByTime(1000)
  expect(said).toEqual(['began'])
  track.dispatchEvent(new Event('unmute'))
  vi.advanceTimersByTime(1000)
  expect(said).toEqual(['began'])
  session.state = 'active'
  session.dispatchEvent(new Event('statechange'))
  vi.advanceTimersByTime(1000)
  expect(said).toEqual(['began', 'ended'])
})

it('a headset that is plugged in is no call', () => {
  track.dispatchEvent(new Event('mute'))
  vi.advanceTimersByTime(100)
  track.dispatchEvent(new Event('unmute'))
  vi.advanceTimersByTime(1000)
  expect(said).toEqual([])
})

it('another microphone that is chosen during a call ends what the first one told', () => {
  track.dispatchEvent(new Event('mute'))
  vi.advanceTimersByTime(1000)
  stop()
  expect(said).toEqual(['began', 'ended'])
  stop = watchInterruptions(new Track() as unknown as MediaStreamTrack, { began: () => said.push('began'), ended: () => said.push('ended') })
  vi.advanceTimersByTime(1000)
  expect(said).toEqual(['began', 'ended'])
})
