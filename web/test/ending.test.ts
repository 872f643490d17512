/** Whoever is about to end a conversation reads who would lose it. */

import { beforeAll, expect, test, vi } from 'vitest'
import { render } from 'svelte/server'
import EndDialog from '../src/backstage/studio/EndDialog.svelte'
import { speak } from '../src/backstage/words.svelte'

beforeAll(async () => {
  vi.stubGlobal('document', { documentElement: {} })
  await speak('en')
})

const asked = (listeners: number, estimated: boolean) =>
  render(EndDialog, { props: { listeners, estimated, policy: 'publish', asksWhy: false, end: async () => {}, closed() {} } }).body

test('a count is told as what it is', () => {
  expect(asked(0, false)).toContain('Nobody is listening right now.')
  expect(asked(3, false)).toContain('<p>3 people are listening.')
  expect(asked(1200, true)).toContain('≈ 1,200 people are listening.')
})
