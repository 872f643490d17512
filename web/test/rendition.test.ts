import { expect, test } from 'vitest'
import { canSave, choose, patience_s } from '../src/player/rendition'
import { earlyChunks } from '../src/player/segments'

const AAC_64 = { name: 'aac64', codec: 'mp4a.40.2', bandwidth: 82_000 }
const AAC_32 = { name: 'aac32', codec: 'mp4a.40.2', bandwidth: 50_000 }
const OPUS_32 = { name: 'opus32', codec: 'opus', bandwidth: 50_000 }
const OPUS_16 = { name: 'opus16', codec: 'opus', bandwidth: 30_000 }
const ALL = [AAC_64, OPUS_32, AAC_32, OPUS_16]
const everything = () => true
const noOpus = ({ codec }: { codec: string }) => codec !== 'opus'

test.each([
  ['Opus at its best', ALL, everything, false, OPUS_32],
  ['Opus at its cheapest', ALL, everything, true, OPUS_16],
  ['AAC where Opus does not play', ALL, noOpus, false, AAC_64],
  ['AAC at its cheapest where Opus does not play', ALL, noOpus, true, AAC_32],
  ['what there is', [AAC_64], everything, true, AAC_64],
  ['nothing where nothing plays', ALL, () => false, false, undefined],
])('chooses %s', (_what, offered, plays, saving, chosen) => {
  expect(choose(offered, plays, saving)).toBe(chosen)
})

test('the switch is there only where it changes something', () => {
  expect(canSave(ALL, everything)).toBe(true)
  expect(canSave([AAC_64, OPUS_32], everything)).toBe(false)
  expect(canSave([AAC_64, OPUS_32, AAC_32], noOpus)).toBe(true)
})

test('the next segment is asked for a round trip early, and never before the present one', () => {
  expect(earlyChunks(0.02)).toBe(1)
  expect(earlyChunks(0.3)).toBe(2)
  expect(earlyChunks(60)).toBe(11)
})

test('a crowd changes rendition over a minute, nobody at once', () => {
  expect(patience_s(() => 0)).toBeGreaterThanOrEqual(1)
  expect(patience_s(() => 1)).toBeLessThanOrEqual(60)
})
