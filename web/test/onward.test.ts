import { expect, test } from 'vitest'
import { withinSite } from '../src/backstage/onward'

const HERE = 'https://live.example/signin?next=/console'
const onward = (next: string) => withinSite(next, HERE)

test('a page of this site is gone on to, with its query', () => {
  expect(['/console', '/pass/abc123?renew=1', '/studio/abc123', '/', '/a/../account'].map(onward)).toEqual([
    '/console', '/pass/abc123?renew=1', '/studio/abc123', '/', '/account',
  ])
})

test('nothing that leads to another site is gone on to, read once or twice', () => {
  const others = [
    '/.//evil.example', '/a/..//evil.example', '/%2e//evil.example', '/./\\evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example',
    'https://evil.example/', 'javascript:alert(1)', 'console', '',
  ]
  expect(others.map(onward)).toEqual(others.map(() => null))
})
