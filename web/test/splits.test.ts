import { expect, test } from 'vitest'
import { LONGEST, splits } from '../src/backstage/captions/splits'

test('a line goes on while its sentence does', () => {
  expect(splits('')).toBe(0)
  expect(splits('Good evening to all of')).toBe(0)
  expect(splits('Good evening to all of you.')).toBe(0) // perhaps it goes on: “…”, a quote
})

test('a sentence ends a line once the next word begins', () => {
  const text = 'Good evening to all of you. And'
  expect(text.slice(0, splits(text))).toBe('Good evening to all of you. ')
  const quoted = '¿Quién lo ha dicho?» preguntó'
  expect(quoted.slice(0, splits(quoted))).toBe('¿Quién lo ha dicho?» ')
})

test('a short word with a full stop is not a sentence', () => {
  expect(splits('Yes. And')).toBe(0)
  expect(splits('Dr. Who is')).toBe(0)
})

test('a long line is cut at a word, and never within one', () => {
  const text = 'word '.repeat(18)
  const cut = splits(text)
  expect(cut).toBeGreaterThan(70)
  expect(text[cut - 1]).toBe(' ')
  expect(splits('x'.repeat(200))).toBe(0)
})

const cutOf = (text: string) => text.slice(0, splits(text))

test('a sentence of a script without spaces ends its line once the next character is there', () => {
  expect(splits('今晚欢迎大家来到这里。')).toBe(0) // perhaps it goes on: 」
  expect(cutOf('今晚欢迎大家来到这里。我们')).toBe('今晚欢迎大家来到这里。')
  expect(cutOf('本当にそう思いますか！？はい')).toBe('本当にそう思いますか！？')
  expect(cutOf('彼は「もう帰ります。」と言った')).toBe('彼は「もう帰ります。」')
  expect(cutOf('今晚欢迎大家来到这里。 我们')).toBe('今晚欢迎大家来到这里。 ')
  expect(splits('はい。では')).toBe(0)
})

test('a long line without spaces is cut after a comma, or else between two words', () => {
  const chinese = '我们今天在这里讨论城市的未来'.repeat(4)
  expect(splits(chinese.slice(0, 42))).toBe(0)
  const cut = splits(chinese)
  expect(cut).toBeGreaterThan(36)
  expect(cut).toBeLessThanOrEqual(42)
  const words = Array.from(new Intl.Segmenter('zh', { granularity: 'word' }).segment(chinese), ({ index }) => index)
  expect(words).toContain(cut)
  const comma = chinese.slice(0, 30) + '，' + chinese
  expect(cutOf(comma)).toBe(chinese.slice(0, 30) + '，')
})

test('a long line of Thai is cut between two words, never within one', () => {
  const thai = 'วันนี้เราจะพูดคุยกันเรื่องอนาคตของเมือง'.repeat(4)
  const cut = splits(thai)
  expect(cut).toBeGreaterThan(60)
  expect(cut).toBeLessThanOrEqual(84)
  expect(thai.charAt(cut)).not.toMatch(/\p{M}/u)
  expect(splits(`https://example.com/${'path/'.repeat(30)}`)).toBe(0)
})

test('whatever is written, what is cut off is never more than there is, and comes to an end', () => {
  for (const sign of ['a', ' ', '。', '、', '語', 'ก', '한', '🎙', '．']) {
    let text = sign.repeat(LONGEST)
    for (let cut = splits(text); cut > 0; cut = splits(text)) {
      expect(cut).toBeLessThanOrEqual(text.length)
      text = text.slice(cut)
    }
  }
})
