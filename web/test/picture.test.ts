import { expect, test } from 'vitest'
import { dragged, squareOf } from '../src/backstage/account/picture'

const centred = { zoom: 1, x: 0.5, y: 0.5 }

test('a wide picture is cut to the square in its middle', () => {
  expect(squareOf(400, 200, centred)).toEqual({ left: 100, top: 0, side: 200 })
})

test('coming closer shows less of the picture around the same middle', () => {
  expect(squareOf(400, 200, { ...centred, zoom: 2 })).toEqual({ left: 150, top: 50, side: 100 })
})

test('the picture follows the finger that drags it', () => {
  const before = squareOf(400, 200, centred)
  const after = squareOf(400, 200, dragged(400, 200, centred, 0.25, 0))
  expect(after.left).toBe(before.left - 0.25 * before.side)
})

test('a picture is never dragged past its edge', () => {
  for (const [right, down] of [[9, 9], [-9, -9]] as const) {
    const { left, top, side } = squareOf(400, 200, dragged(400, 200, { ...centred, zoom: 2 }, right, down))
    expect(left).toBeGreaterThanOrEqual(0)
    expect(top).toBeGreaterThanOrEqual(0)
    expect(left + side).toBeLessThanOrEqual(400)
    expect(top + side).toBeLessThanOrEqual(200)
  }
})

test('a picture that fits exactly stays where it is', () => {
  expect(dragged(200, 200, centred, 0.5, 0.5)).toEqual(centred)
})
