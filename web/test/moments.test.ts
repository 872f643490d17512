import { expect, test } from 'vitest'
import { clock, until } from '../src/event/moments'
import { spokenClock } from '../src/event/spoken'
import { instantOf, wallOf } from '../src/backstage/zones'

test('a countdown says the three largest units that matter', () => {
  expect(until(90_061_000, 'en')).toEqual([[1, 'day'], [1, 'hour'], [1, 'min']])
  expect(until(7_384_000, 'en')).toEqual([[2, 'hours'], [3, 'min'], [4, 'sec']])
  expect(until(4_000, 'en')).toEqual([[4, 'sec']])
  expect(until(0, 'en')).toBeNull()
  expect(until(90_061_000, 'es')).toEqual([[1, 'día'], [1, 'hora'], [1, 'min']])
})

test('places in a recording read as a clock, and are spoken as words', () => {
  expect(clock(3723)).toBe('1:02:03')
  expect(clock(63)).toBe('1:03')
  expect(spokenClock(3661, 'en')).toBe('1 hour 1 minute 1 second')
  expect(spokenClock(0, 'en')).toBe('0 seconds')
})

test('a time on a wall becomes the instant it names in that zone, summer and winter', () => {
  expect(instantOf('2030-01-31T20:00', 'Europe/Berlin')).toBe('2030-01-31T19:00:00Z')
  expect(instantOf('2030-07-31T20:00', 'Europe/Berlin')).toBe('2030-07-31T18:00:00Z')
  expect(instantOf('2030-07-31T20:00', 'Asia/Kolkata')).toBe('2030-07-31T14:30:00Z')
  expect(instantOf('2030-01-31T20:00', 'UTC')).toBe('2030-01-31T20:00:00Z')
})

test('an instant goes to the wall and back', () => {
  for (const zone of ['America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia']) {
    for (let day = 0; day < 365; day += 5) {
      const instant = new Date(Date.UTC(2030, 0, 1, 12, 30) + day * 86_400_000).toISOString().replace('.000Z', 'Z')
      expect(instantOf(wallOf(instant, zone), zone)).toBe(instant)
    }
  }
})
