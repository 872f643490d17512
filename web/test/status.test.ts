import { expect, test } from 'vitest'
import { sceneOf } from '../src/event/scene'
import { nextPoll_ms } from '../src/event/status'

const MINUTE_MS = 60_000

test('near the start the page asks every few seconds, long before it rarely', () => {
  for (const random of [0, 0.5, 0.999]) {
    expect(nextPoll_ms('scheduled', 30_000, 0, random)).toBeLessThanOrEqual(5000)
    expect(nextPoll_ms('late', -30_000, 0, random)).toBeGreaterThanOrEqual(2000)
    expect(nextPoll_ms('scheduled', 120 * MINUTE_MS, 0, random)).toBeGreaterThanOrEqual(30_000)
  }
})

test('no page sleeps past the start', () => {
  expect(nextPoll_ms('scheduled', 9.9 * MINUTE_MS, 0, 0.999)).toBeLessThan(9.9 * MINUTE_MS)
  expect(nextPoll_ms('scheduled', 95_000, 0, 0.999)).toBeLessThanOrEqual(95_000 + 3200)
})

test('a crowd spreads itself', () => {
  expect(nextPoll_ms('lobby', 0, 0, 0.999) - nextPoll_ms('lobby', 0, 0, 0)).toBeGreaterThan(1500)
})

test('a door that does not answer is asked ever less, but at least twice a minute', () => {
  expect(nextPoll_ms('live', 0, 1, 0.5)).toBeLessThan(nextPoll_ms('live', 0, 3, 0.5))
  expect(nextPoll_ms('live', 0, 30, 0.999)).toBeLessThan(45_000)
})

test('who pressed early waits armed, and is invited or playing once it is live', () => {
  expect(sceneOf('scheduled', 'armed')).toBe('armed')
  expect(sceneOf('late', 'armed')).toBe('armed')
  expect(sceneOf('live', 'off')).toBe('invite')
  expect(sceneOf('live', 'playing')).toBe('playing')
})

test('whatever a listener did, the end is the end', () => {
  expect(sceneOf('published', 'playing')).toBe('published')
  expect(sceneOf('cancelled', 'armed')).toBe('cancelled')
})
