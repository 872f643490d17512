/** The studio's clock. */

import { expect, it } from 'vitest'
import { clock } from '../src/backstage/studio/clock'

it.each([
  [0, '0:00:00'],
  [754.9, '0:12:34'],
  [9 * 3600 + 59 * 60 + 59, '9:59:59'],
  [10 * 3600, '10:00:00'],
  [25 * 3600 + 61, '25:01:01'],
])('shows %d s as %s', (seconds, shown) => {
  expect(clock(seconds)).toBe(shown)
})
