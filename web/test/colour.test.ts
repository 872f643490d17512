import { expect, test } from 'vitest'
import { contrast, inkOn } from '../src/backstage/colour'

test('black and white stand as far apart as can be', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
})

test('the ink on any colour of a site can be read', () => {
  for (let red = 0; red < 256; red += 15)
    for (let green = 0; green < 256; green += 15)
      for (let blue = 0; blue < 256; blue += 15) {
        const colour = '#' + [red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')
        expect(contrast(colour, inkOn(colour)), colour).toBeGreaterThanOrEqual(4.5)
      }
})

test('the lamp gets dark ink, a deep blue light ink', () => {
  expect(inkOn('#ffc91f')).toBe('#000000')
  expect(inkOn('#2255cc')).toBe('#ffffff')
})
