import { expect, test } from 'vitest'
import en from '../../src/rostra/words/en.json'
import { bytes } from '../src/remind/push'
import { problemOf } from '../src/remind/send'
import { bothTexts, type TimeWords } from '../src/words/times'

const words = Object.fromEntries(Object.entries(en).flatMap(([key, text]) => (key.startsWith('time.') ? [[key.slice(5), text]] : []))) as unknown as TimeWords
const AT_MS = Date.parse('2026-11-24T20:00:00Z')

test('two moments of one day are told apart by the clock, others by their dates', () => {
  expect(bothTexts(words, AT_MS, AT_MS + 1_800_000, 'UTC')).toEqual(['8:00 pm', '8:30 pm'])
  const [before, after] = bothTexts(words, AT_MS, AT_MS + 86_400_000, 'UTC')
  expect(before).toContain('24 Nov')
  expect(after).toContain('25 Nov')
})

test('the site’s key is read as it is written in addresses', () => {
  expect([...bytes('-_8A')]).toEqual([0xfb, 0xff, 0x00])
})

test('whoever asks in vain is told what they can do', () => {
  expect([400, 429, 503, 409].map(problemOf)).toEqual(['remind.problem.address', 'remind.problem.many', 'remind.problem.away', 'remind.problem.over'])
})
