import { expect, test } from 'vitest'
import { nextPoll_ms } from '../src/door/pace'
import { sceneOf } from '../src/event/scene'

test('a page comes back within what the door told, and a crowd spreads itself', () => {
  for (const random of [0, 0.5, 0.999]) {
    expect(nextPoll_ms(1500, false, 0, random)).toBeLessThanOrEqual(1500)
    expect(nextPoll_ms(1500, false, 0, random)).toBeGreaterThanOrEqual(1000)
  }
  expect(nextPoll_ms(20_000, false, 0, 0.999) - nextPoll_ms(20_000, false, 0, 0)).toBeGreaterThan(5000)
})

test('a page that nobody looks at asks rarely, and never more often than it was told', () => {
  expect(nextPoll_ms(1500, true, 0, 0)).toBeGreaterThanOrEqual(10_000)
  expect(nextPoll_ms(60_000, true, 0, 0.5)).toBe(nextPoll_ms(60_000, false, 0, 0.5))
})

test('a door that does not answer is asked ever less, but at least twice a minute', () => {
  expect(nextPoll_ms(1500, false, 1, 0.5)).toBeLessThan(nextPoll_ms(1500, false, 3, 0.5))
  expect(nextPoll_ms(1500, false, 30, 0.999)).toBeLessThan(45_000)
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
