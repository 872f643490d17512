/**
 * How good a connection is, from what WebRTC counts (W3C webrtc-stats). Words begin where talking does: delay is
 * noticed beyond 150 ms each way and bad beyond 400 (ITU-T G.114); lost packets are mended up to a few in a hundred.
 */

export type Quality = 'good' | 'fair' | 'poor'

const FROM_BEST: readonly Quality[] = ['good', 'fair', 'poor']

export interface Measured {
  /** The worse of both directions. */
  loss_percent: number
  /** Null until one came back. */
  round_trip_ms: number | null
  jitter_ms: number
}

/** Running totals of one connection. */
export interface Counted {
  sent: number
  sentLost: number
  received: number
  receivedLost: number
  round_trip_ms: number | null
  jitter_ms: number
  /** How the pair in use reaches out: `host`, `srflx`, `prflx`, `relay`; empty while there is none. */
  by: string
}

/** From here on sound that comes unevenly is fair, at best. */
const UNEVEN_MS = 40

export function qualityOf({ loss_percent, round_trip_ms, jitter_ms }: Measured): Quality {
  const trip_ms = round_trip_ms ?? 0
  if (loss_percent >= 5 || trip_ms >= 600 || jitter_ms >= 80) return 'poor'
  if (loss_percent >= 1 || trip_ms >= 250 || jitter_ms >= UNEVEN_MS) return 'fair'
  return 'good'
}

/** What the browser measured, or the stage's word where that is worse; null: it has none yet. */
export function worseOf(own: Quality, told: Quality | null): Quality {
  return told && FROM_BEST.indexOf(told) > FROM_BEST.indexOf(own) ? told : own
}

/** What else there is to say of it than delay and loss: that it comes unevenly, that the stage hears it worse. */
export function besides({ jitter_ms, ...measured }: Measured, told: Quality | null): ('uneven' | 'told')[] {
  const own = qualityOf({ jitter_ms, ...measured })
  return [...(jitter_ms >= UNEVEN_MS ? ['uneven' as const] : []), ...(worseOf(own, told) === own ? [] : ['told' as const])]
}

type Row = Record<string, unknown> & { type: string; id: string }

/** Read the totals out of a report of `getStats()`. */
export function count(report: Iterable<readonly [string, unknown]>): Counted {
  const rows = Array.from(report, ([, row]) => row as Row)
  const audio = (type: string) => rows.find((row) => row.type === type && row['kind'] === 'audio')
  const pair = rows.find((row) => row.type === 'candidate-pair' && row['nominated'] === true && row['state'] === 'succeeded')
  const local = rows.find((row) => row.id === pair?.['localCandidateId'])
  const outbound = audio('outbound-rtp')
  const inbound = audio('inbound-rtp')
  const remote = audio('remote-inbound-rtp')
  const trip_s = pair?.['currentRoundTripTime'] ?? remote?.['roundTripTime']
  return {
    sent: figure(outbound?.['packetsSent']),
    sentLost: Math.max(0, figure(remote?.['packetsLost'])),
    received: figure(inbound?.['packetsReceived']),
    receivedLost: Math.max(0, figure(inbound?.['packetsLost'])),
    round_trip_ms: typeof trip_s === 'number' ? Math.round(trip_s * 1000) : null,
    jitter_ms: Math.round(1000 * Math.max(figure(remote?.['jitter']), figure(inbound?.['jitter']))),
    by: typeof local?.['candidateType'] === 'string' ? local['candidateType'] : '',
  }
}

/** What happened between two counts of the same connection. */
export function between(before: Counted | null, now: Counted): Measured {
  const since = (key: 'sent' | 'sentLost' | 'received' | 'receivedLost') => Math.max(0, now[key] - (before?.[key] ?? 0))
  const up = share(since('sentLost'), since('sent'))
  const down = share(since('receivedLost'), since('received') + since('receivedLost'))
  return { loss_percent: Math.round(10 * Math.max(up, down)) / 10, round_trip_ms: now.round_trip_ms, jitter_ms: now.jitter_ms }
}

function share(lost: number, of: number): number {
  return of > 0 ? Math.min(100, (100 * lost) / of) : 0
}

function figure(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
