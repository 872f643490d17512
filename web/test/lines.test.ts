import { expect, test } from 'vitest'
import { Lines } from '../src/event/lines'

const line = (id: string, text: string, lasts_s = 2, lang = 'en') => ({ id, at: 0, samples: lasts_s * 48_000, text, lang })

test('a line stands there for as long as it says, by the time of the audio', () => {
  const lines = new Lines('en')
  lines.know(['en'])
  lines.add(line('a', 'Good evening.'), 100)
  expect(lines.at(100)).toEqual(['Good evening.'])
  expect(lines.at(101.9)).toEqual(['Good evening.'])
  expect(lines.at(102.1)).toEqual([])
})

test('the last two lines stand there, the newest below', () => {
  const lines = new Lines('en')
  lines.know(['en'])
  for (const [at, id] of ['a', 'b', 'c'].entries()) lines.add(line(id, id, 10), at)
  expect(lines.at(3)).toEqual(['b', 'c'])
})

test('a line that comes twice, as when the player joins again, is one', () => {
  const lines = new Lines('en')
  lines.know(['en'])
  lines.add(line('a', 'Once.'), 0)
  lines.add(line('a', 'Once.'), 1)
  expect(lines.at(1)).toEqual(['Once.'])
  expect(lines.at(2.5)).toEqual([])
})

test("the page's language is preferred, another can be chosen, and lines of others wait", () => {
  const lines = new Lines('es')
  expect(lines.know(['en', 'es-MX'])).toBe(true)
  expect(lines.know(['en'])).toBe(false)
  lines.add(line('a', 'Good evening.', 9), 0)
  lines.add(line('b', 'Buenas noches.', 9, 'es-MX'), 0)
  expect(lines.language).toBe('es-MX')
  expect(lines.at(1)).toEqual(['Buenas noches.'])
  lines.choose('en')
  expect(lines.at(1)).toEqual(['Good evening.'])
})

test('a flood of lines and languages is bounded', () => {
  const lines = new Lines('en')
  for (let i = 0; i < 500; i += 1) {
    lines.know([`x${i}`])
    lines.add(line(String(i), String(i), 1e6, 'x0'), 0)
  }
  expect(lines.languages.length).toBeLessThanOrEqual(32)
  expect(lines.at(1)).toEqual(['498', '499'])
})
