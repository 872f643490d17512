import { beforeAll, expect, test, vi } from 'vitest'
import type { Facts } from '../src/event/views'

let untilStart: (facts: Facts) => string

beforeAll(async () => {
  const page = { documentElement: { dataset: { words: 'en' }, dir: 'ltr', lang: 'en' }, body: { dataset: {} } }
  vi.stubGlobal('document', page)
  vi.stubGlobal('navigator', { languages: [], onLine: true })
  const { CATALOGUES } = await import('virtual:words/event')
  const { speak } = await import('../src/words/words')
  untilStart = (await import('../src/event/views')).untilStart
  await speak(CATALOGUES)
})

test("the time until the start is that of the door's clock, wherever one's own stands", () => {
  const starts_at = Date.UTC(2001, 1, 3, 20)
  const facts = { status: { starts_at, state: 'scheduled' }, now_ms: starts_at - 3_723_000 } as Facts
  expect(untilStart(facts)).toContain('1 hour 2 min 3 sec')
})

test('in the last second before the start there are seconds left, and no days', () => {
  const facts = { status: { starts_at: 1000, state: 'scheduled' }, now_ms: 500 } as Facts
  expect(untilStart(facts)).toContain('0 sec')
  expect(untilStart(facts)).not.toMatch(/day|hour|min/)
})
