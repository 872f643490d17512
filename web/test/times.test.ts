import { expect, test } from 'vitest'
import en from '../../src/rostra/words/en.json'
import es from '../../src/rostra/words/es.json'
import { momentText, shortText, viewersText, zoneText, type TimeWords } from '../src/words/times'
import cases from './times.json'

const NOW_MS = Date.parse('2026-11-24T18:00:00Z')
const EVENING_MS = Date.parse('2026-11-24T19:00:00Z')
const ENGLISH = patterns(en)
const SPANISH = patterns(es)

function patterns(catalogue: Record<string, string>): TimeWords {
  const keys = Object.keys(catalogue).filter((key) => key.startsWith('time.'))
  return Object.fromEntries(keys.map((key) => [key.slice(5), catalogue[key]])) as unknown as TimeWords
}

test.each(cases)('$language: $text in $zone, as the door writes it', ({ utc, zone, language, text, zone_name }) => {
  const words = language === 'es' ? SPANISH : ENGLISH
  expect(momentText(words, Date.parse(utc), zone, NOW_MS)).toBe(text)
  expect(zoneText(Date.parse(utc), zone)).toBe(zone_name)
})

test("the viewer's time stands beside the host's only where their clocks differ, with a date where their days do", () => {
  expect(viewersText(ENGLISH, EVENING_MS, 'Europe/Berlin', 'Europe/Madrid')).toBeNull()
  expect(viewersText(ENGLISH, EVENING_MS, 'America/New_York', 'Europe/Madrid')).toBe('8:00 pm')
  expect(viewersText(SPANISH, EVENING_MS, 'America/New_York', 'Europe/Madrid')).toBe('20:00')
  expect(viewersText(ENGLISH, EVENING_MS, 'Europe/Berlin', 'Asia/Kathmandu')).toMatch(/^Wed 25 Nov.*, 12:45 am$/)
})

test('a zone that the browser does not know leaves the viewer their own time', () => {
  expect(viewersText(SPANISH, EVENING_MS, 'Nowhere/Land', 'Europe/Madrid')).toMatch(/^mar 24 nov.*, 20:00$/)
  expect(zoneText(EVENING_MS, 'Nowhere/Land')).toBe('Nowhere/Land')
})

test('what happened today is told by its time alone', () => {
  expect(shortText(SPANISH, EVENING_MS, EVENING_MS + 1000)).toMatch(/^\d{1,2}:00$/)
  expect(shortText(SPANISH, EVENING_MS, EVENING_MS + 3 * 86_400_000)).toMatch(/^mar 24 nov, /)
})
