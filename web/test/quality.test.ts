/** The word for one's own connection. */

import { expect, test } from 'vitest'
import { qualityOf, worseOf, type Quality } from '../src/backstage/studio/quality'

test.each<[Quality, Quality | null, Quality]>([
  ['poor', 'good', 'poor'], // the others come through badly: the stage does not hear that
  ['good', 'poor', 'poor'],
  ['fair', 'good', 'fair'],
  ['fair', 'fair', 'fair'],
  ['good', null, 'good'],
])('measured %s and told %s it is %s', (own, told, shown) => {
  expect(worseOf(own, told)).toBe(shown)
})

test('five in a hundred lost on the way from the stage are told, whatever the stage says', () => {
  expect(worseOf(qualityOf({ loss_percent: 5, round_trip_ms: 30, jitter_ms: 2 }), 'good')).toBe('poor')
})
