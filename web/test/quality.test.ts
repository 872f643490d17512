/** The word for one's own connection. */

import { expect, test } from 'vitest'
import { besides, qualityOf, worseOf, type Quality } from '../src/backstage/studio/quality'

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

test.each<[string, number, Quality | null, string[]]>([
  ['nothing where delay and loss say it all', 0, 'good', []],
  ['that it comes unevenly', 80, 'good', ['uneven']],
  ['that the stage hears it worse', 0, 'poor', ['told']],
  ['both', 40, 'poor', ['uneven', 'told']],
])('of what makes a connection poor is told besides: %s', (_, jitter_ms, told, expected) => {
  expect(besides({ loss_percent: 0, round_trip_ms: 2, jitter_ms }, told)).toEqual(expected)
})
