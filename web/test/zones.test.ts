import { expect, test } from 'vitest'
import { instantOf, wallOf } from '../src/backstage/zones'

test('a time on a wall in Madrid is the instant that it says, in winter and in summer', () => {
  expect(instantOf('2027-01-15T20:00', 'Europe/Madrid')).toBe('2027-01-15T19:00:00Z')
  expect(instantOf('2027-07-15T20:00', 'Europe/Madrid')).toBe('2027-07-15T18:00:00Z')
})

test('an instant is shown back as the wall said it', () => {
  for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'])
    expect(wallOf(instantOf('2027-03-10T08:30', zone), zone)).toBe('2027-03-10T08:30')
})
