import { afterEach, expect, test, vi } from 'vitest'
import type { Status } from '../src/event/status'
import type { Case } from '../src/report/report'
import { heardBy } from '../src/report/people'
import { problemOf } from '../src/report/send'
import { Element, openPage } from './page'

const person = (id: string) => ({ id, name: id.toUpperCase(), role: 'speaker' })
const at = (second: number, ...ids: string[]) => ({ v: 1, at: second * 48_000, speakers: ids.map(person) })

test('whoever was on stage at a second of a recording can be reported, and who left just before', () => {
  const events = [at(0, 'ada'), at(100, 'ada', 'bob'), at(110, 'ada'), { v: 1, at: 115 * 48_000, speaking: ['ada'] }, at(200, 'eve')]
  const heard = (second: number) => heardBy(events, second).map(({ id }) => id).sort()
  expect(heard(50)).toEqual(['ada'])
  expect(heard(120)).toEqual(['ada', 'bob'])
  expect(heard(180)).toEqual(['ada'])
  expect(heard(230)).toEqual(['eve'])
})

test('each refusal has its own words', () => {
  expect([429, 503, 502, 404, 400].map(problemOf)).toEqual([
    'report.problem.many', 'report.problem.away', 'report.problem.away', 'report.problem.gone', 'report.problem.gone',
  ])
})

/** A sheet as the page opens it, in a window that has dialogs, and a door that answers when it is told to. */
async function openSheet(about: Partial<Case> = {}) {
  vi.resetModules()
  openPage()
  const standing = new Set<Element>()
  const create = (name: string) => {
    const each = new Element(name)
    if (name !== 'dialog') return Object.assign(each, { value: '' })
    const open = (isOn: boolean) => Object.assign(each, { open: isOn }) && (isOn ? standing.add(each) : standing.delete(each))
    return Object.assign(each, { showModal: () => open(true), close: () => open(false) })
  }
  let answer = (_: object) => {}
  Object.assign(document, { createElement: create })
  vi.stubGlobal('fetch', () => new Promise((done) => (answer = (body) => done(Response.json(body)))))
  const { openReport } = await import('../src/report/report')
  const status = { state: 'live', replay: null, anchor_utc_ns: 0, notices: [] } as unknown as Status
  const press = () => openReport({ address: '/r', status, notices: [], everyone: [], audio: {} as HTMLAudioElement, player: null, ...about })
  await press()
  const sheet = [...standing][0]! as unknown as Element & HTMLDialogElement
  const part = (what: string) => sheet.all.find((each) => each.attributes.get('data-testid') === what) as (Element & HTMLSelectElement) | undefined
  return { press, sheet, part, standing, answer: (body: object) => answer(body) }
}

afterEach(() => vi.unstubAllGlobals())

test('what stands on the page can be reported, also what the door was not asked about since', async () => {
  const { sheet } = await openSheet({ notices: [{ id: 'n', text: 'Buy this now.', author: 'Ann', at: 0 }] })
  expect(sheet.shown).toContain('The notice “Buy this now.”')
})

test('a link that comes once the sheet is closed is there when it is opened again, until it was seen', async () => {
  const { press, sheet, part, standing, answer } = await openSheet()
  part('report-grounds')!.value = 'threat'
  sheet.all.find(({ localName }) => localName === 'form')!.dispatchEvent(new Event('submit'))
  expect(part('report-send')!.textContent).toBe('One moment …')
  sheet.close()
  answer({ follow: '/report/secret' })
  await vi.waitFor(() => expect(part('report-link')).toBeDefined())
  await press()
  expect([...standing]).toEqual([sheet])
  sheet.close()
  await press()
  expect([...standing]).not.toContain(sheet)
})

test('how far it was into the conversation is told as a length, which nobody takes for the time of day', async () => {
  const played = (s: number) => ({ status: { state: 'published', replay: { hls: '' } } as unknown as Status, audio: { currentTime: s } as HTMLAudioElement })
  const at = async (s: number) => (await openSheet(played(s))).sheet.shown
  expect(await at(18 * 60 + 27)).toContain('18 min 27 sec into it')
  expect(await at(2 * 3600 + 62)).toContain('2 hours 1 min 2 sec into it')
  expect(await at(0)).not.toContain('into it')
})
