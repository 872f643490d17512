import { CATALOGUES } from 'virtual:words/line'
import { expect, test } from 'vitest'

test('the pseudo-language has no words longer than a language has them', async () => {
  const words = Object.values((await CATALOGUES.qps!()).default).flatMap((text) => text.split(' '))
  expect(words.filter((word) => word.length > 30)).toEqual([])
})
