/** What a sound check makes of what it measured. */

import { describe, expect, it } from 'vitest'
import { isEcho, microphoneVerdict } from '../src/backstage/studio/check/finding'
import { between, count, qualityOf, type Counted } from '../src/backstage/studio/quality'
import { haveRelay } from '../src/backstage/studio/ice'

describe('a spoken sentence', () => {
  it('is heard, or faint, or nothing at all', () => {
    expect(microphoneVerdict([-70, -18, -9, -60])).toBe('heard')
    expect(microphoneVerdict([-70, -48, -45])).toBe('quiet')
    expect(microphoneVerdict([-70, -66])).toBe('silent')
    expect(microphoneVerdict([])).toBe('silent')
  })

  it('is too loud only where it is clipped again and again', () => {
    expect(microphoneVerdict([-8, 0, -9])).toBe('heard')
    expect(microphoneVerdict([-8, 0, 0, -0.1])).toBe('loud')
  })
})

describe('a bell', () => {
  it('echoes where it stands out from what the room was like before', () => {
    expect(isEcho(-100, -45)).toBe(true)
    expect(isEcho(-50, -45)).toBe(false)
    expect(isEcho(-127, -90)).toBe(false)
  })
})

const NOTHING: Counted = { sent: 0, sentLost: 0, received: 0, receivedLost: 0, round_trip_ms: 40, jitter_ms: 3, by: 'host' }

describe('a connection', () => {
  it('loses what is lost in the worse direction, since the last look', () => {
    const before = { ...NOTHING, sent: 1000, sentLost: 500 }
    const now = { ...NOTHING, sent: 1100, sentLost: 502, received: 90, receivedLost: 10 }
    expect(between(before, now).loss_percent).toBe(10)
    expect(between(now, now).loss_percent).toBe(0)
  })

  it('is called by the worst of loss, delay and jitter', () => {
    expect(qualityOf({ loss_percent: 0, round_trip_ms: 40, jitter_ms: 5 })).toBe('good')
    expect(qualityOf({ loss_percent: 2, round_trip_ms: 40, jitter_ms: 5 })).toBe('fair')
    expect(qualityOf({ loss_percent: 0, round_trip_ms: 300, jitter_ms: 5 })).toBe('fair')
    expect(qualityOf({ loss_percent: 0, round_trip_ms: null, jitter_ms: 100 })).toBe('poor')
    expect(qualityOf({ loss_percent: 8, round_trip_ms: 40, jitter_ms: 5 })).toBe('poor')
  })

  it('is read from the pair in use and the audio streams', () => {
    const report = new Map<string, object>(
      [
        { id: 'P1', type: 'candidate-pair', nominated: false, state: 'succeeded', localCandidateId: 'L1', currentRoundTripTime: 9 },
        { id: 'P2', type: 'candidate-pair', nominated: true, state: 'succeeded', localCandidateId: 'L2', currentRoundTripTime: 0.0234 },
        { id: 'L1', type: 'local-candidate', candidateType: 'host' },
        { id: 'L2', type: 'local-candidate', candidateType: 'relay' },
        { id: 'O', type: 'outbound-rtp', kind: 'audio', packetsSent: 250 },
        { id: 'R', type: 'remote-inbound-rtp', kind: 'audio', packetsLost: 5, jitter: 0.004 },
        { id: 'I', type: 'inbound-rtp', kind: 'audio', packetsReceived: 240, packetsLost: -1, jitter: 0.002 },
      ].map((row) => [row.id, row]),
    )
    expect(count(report)).toEqual({ sent: 250, sentLost: 5, received: 240, receivedLost: 0, round_trip_ms: 23, jitter_ms: 4, by: 'relay' })
    expect(count(new Map()).by).toBe('')
  })

  it('has a relay where a TURN server is named', () => {
    expect(haveRelay([{ urls: 'stun:a' }])).toBe(false)
    expect(haveRelay([{ urls: ['stun:a', 'turns:b:443'] }])).toBe(true)
  })
})
