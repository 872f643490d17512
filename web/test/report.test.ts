import { expect, test } from 'vitest'
import { heardBy } from '../src/report/people'
import { problemOf } from '../src/report/send'

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
