/** What a browser keeps of a place in line, and of which place. */

import { beforeEach, expect, test, vi } from 'vitest'
import type { Placed } from '../src/door/standing'
import { KeptPlace } from '../src/event/place'

const placed = (more: Partial<Placed>): Placed => ({ admitted: false, place: 'early', number: null, line: 0, called: false, again_ms: 8000, reason: 'full', ...more })
const EARLY = placed({ reason: 'before_start', id: 'e1', index: 7, server_nonce: 'ours' })
const SAID = { minutes: 9, until_s: 600, since: [0, 0] as [number, number] }

let kept: KeptPlace

beforeEach(() => {
  vi.stubGlobal('addEventListener', () => {})
  kept = new KeptPlace('/s/space', 'space', () => {})
  kept.take(EARLY)
  kept.keep({ commitment: 'c', root: 'r', said: SAID })
})

test('its receipt, and what was said of the time it takes, stay with a place', () => {
  kept.take(placed({ number: 12 }))
  expect(kept.kept).toMatchObject({ place: 'early', id: 'e1', index: 7, server_nonce: 'ours', commitment: 'c', root: 'r', said: SAID })
})

test('of another place neither is told: the draw gave that no number', () => {
  kept.take(placed({ place: 'late', number: 99 }))
  const { id, index, root, said } = kept.kept
  expect([id ?? null, index ?? null, root ?? null, said]).toEqual([null, null, null, null])
  expect(kept.isNew).toBe(true)
})
