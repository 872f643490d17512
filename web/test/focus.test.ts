/** What has the focus backstage is taken away: whoever is there by keyboard goes on close by, and is not sent to the top. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Element, openPage, stand } from './tree'

vi.mock('svelte', async (actual) => ({ ...(await actual<object>()), mount: () => {} }))
vi.mock('../src/backstage/App.svelte', () => ({ default: {} }))
vi.mock('../src/backstage/words.svelte', () => ({ loadWords: async () => {}, say: (key: string) => key }))

let main: Element
let heading: Element
let list: Element
let rows: Element[]

const row = () => stand('li', stand('a'), stand('button'), stand('button'))
const button = (at: number, nth = 0) => rows[at]!.querySelectorAll('button')[nth]!
const focused = () => document.activeElement as unknown
const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(async () => {
  vi.useFakeTimers()
  vi.resetModules()
  rows = [row(), row(), row()]
  list = stand('ul', ...rows)
  heading = stand('h2')
  main = stand('main', stand('h1'), stand('section', heading, list))
  const body = openPage()
  await import('../src/backstage/main')
  await settle()
  body.replaceChildren(main)
  await settle()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('from what was pressed the focus goes to the same in the next row', async () => {
  button(1, 1).press()
  rows[1]!.remove()
  await settle()
  expect(focused()).toBe(button(2, 1))
})

test('from the last row it goes to the one before, and from the only one to the heading', async () => {
  button(2).press()
  rows[2]!.remove()
  await settle()
  expect(focused()).toBe(button(1))
  rows[0]!.remove()
  button(1).press()
  list.remove()
  await settle()
  expect(focused()).toBe(heading)
  expect(heading.attributes.get('tabindex')).toBe('-1')
})

test('a row that goes in the same moment, or has no such button, is passed over', async () => {
  rows[1]!.children.at(-1)!.remove()
  button(0, 1).press()
  rows[0]!.remove()
  await settle()
  expect(focused()).toBe(button(2, 1))
  button(2, 1).press()
  rows[2]!.remove()
  rows[1]!.remove()
  await settle()
  expect(focused()).toBe(heading)
})

test('what goes by itself puts no other’s button under the finger', async () => {
  button(0).focus()
  rows[0]!.remove()
  await settle()
  expect(focused()).toBe(heading)
})

test('from a button that stands alone it goes to the heading, and in what is folded to what unfolds it', async () => {
  const alone = stand('button')
  const summary = stand('summary')
  list.parentElement!.append(stand('details', summary, stand('h3'), alone))
  alone.press()
  alone.remove()
  await settle()
  expect(focused()).toBe(summary)
  expect(summary.attributes.has('tabindex')).toBe(false)
})

test('after a press by hand, and elsewhere on the page, the focus is left alone', async () => {
  button(0).press({ byHand: true })
  rows[0]!.remove()
  await settle()
  expect(focused()).toBe(document.body)
  button(1).press()
  heading.focus()
  rows[1]!.remove()
  await settle()
  expect(focused()).toBe(heading)
})

test('whoever says where the focus goes is obeyed, and a screen that is left takes it along', async () => {
  const field = stand('input')
  main.append(field)
  button(0).press()
  rows[0]!.remove()
  await Promise.resolve()
  field.focus()
  await settle()
  expect(focused()).toBe(field)
  const next = stand('main', stand('h1'))
  document.body.append(next as unknown as Node)
  main.remove()
  await settle()
  expect(focused()).toBe(document.body)
})

test('a button that is held by Enter is pressed once', () => {
  expect(button(0).hold('Enter', { repeat: false })).toBe(true)
  expect(button(0).hold('Enter', { repeat: true })).toBe(false)
  expect(button(0).hold('Tab', { repeat: true })).toBe(true)
})
