import { expect, test } from 'vitest'
import { begun, instantOf, wallOf } from '../src/backstage/zones'

test('a time on a wall in Madrid is the instant that it says, in winter and in summer', () => {
  expect(instantOf('2027-01-15T20:00', 'Europe/Madrid')).toBe('2027-01-15T19:00:00Z')
  expect(instantOf('2027-07-15T20:00', 'Europe/Madrid')).toBe('2027-07-15T18:00:00Z')
})

test('a time that a clock change skips is the one after it, and one that comes twice is one of both', () => {
  const skipped = [
    ['America/New_York', '2027-03-14T02:30', '2027-03-14T03:30'], ['America/Los_Angeles', '2027-03-14T02:30', '2027-03-14T03:30'],
    ['Europe/Berlin', '2027-03-28T02:30', '2027-03-28T03:30'], ['Australia/Sydney', '2027-10-03T02:30', '2027-10-03T03:30'],
  ] as const
  for (const [zone, wall, shown] of skipped) expect(wallOf(instantOf(wall, zone), zone)).toBe(shown)
  const twice = [['America/New_York', '2027-11-07T01:30'], ['Europe/Berlin', '2027-10-31T02:30'], ['Australia/Sydney', '2027-04-04T02:30']] as const
  for (const [zone, wall] of twice) expect(wallOf(instantOf(wall, zone), zone)).toBe(wall)
})

test('an instant is shown back as the wall said it', () => {
  for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'])
    expect(wallOf(instantOf('2027-03-10T08:30', zone), zone)).toBe('2027-03-10T08:30')
})

test('a conversation begins backstage when its event page says so', () => {
  const space = { state: 'live', starts_at: '2027-01-15T20:00:00Z', live_at: '2027-01-15T19:52:00Z' } as const
  expect(begun(space)).toBe('2027-01-15T19:52:00.000Z')
  expect(begun({ ...space, live_at: '2027-01-15T20:03:00Z' })).toBe('2027-01-15T20:00:00.000Z')
  expect(begun({ ...space, state: 'published', live_at: '2027-01-15T20:03:00Z' })).toBe('2027-01-15T20:03:00.000Z')
  expect(begun({ ...space, state: 'scheduled', live_at: null })).toBe('2027-01-15T20:00:00.000Z')
})
