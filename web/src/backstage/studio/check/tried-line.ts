/**
 * A line that is only tried: connects to the stage as a speaker does, with silence both ways, and counts for some
 * seconds what gets through. Nothing that is said leaves the browser.
 */

import { call } from '../../api'
import { haveRelay } from '../ice'
import { between, count, type Counted } from '../quality'
import type { Finding } from './finding'

export type TriedLine = Pick<Finding, 'way' | 'relay' | 'loss_percent' | 'round_trip_ms'>

const GATHERING_MS = 4000
const CONNECTING_MS = 12_000
const MEASURED_MS = 5000

/** Try it, within a press, which lets the silence flow. Resolves with what got through, `none` included; rejects with ApiError when backstage refuses or is away. */
export async function tryLine(space: string, ask: () => Promise<RTCIceServer[]>, stopped: AbortSignal): Promise<TriedLine> {
  const quiet = new AudioContext()
  void quiet.resume().catch(() => {})
  const servers = await ask()
  const peer = new RTCPeerConnection({ iceServers: servers })
  const relayed = seesRelay(peer)
  try {
    const { stream } = quiet.createMediaStreamDestination()
    peer.addTransceiver(stream.getAudioTracks()[0]!, { direction: 'sendrecv', streams: [stream] })
    await peer.setLocalDescription(await peer.createOffer())
    await until(peer, 'icegatheringstatechange', () => peer.iceGatheringState === 'complete', GATHERING_MS, stopped)
    if (!peer.localDescription?.sdp.includes('a=candidate:')) return nothing(servers, 'fails') // there is nowhere to send from
    const answer = await call<{ sdp: string }>('POST', `/spaces/${space}/stage/check/offer`, { sdp: peer.localDescription?.sdp })
    stopped.throwIfAborted()
    await peer.setRemoteDescription({ type: 'answer', sdp: unhushed(answer.sdp) })
    await until(peer, 'connectionstatechange', () => ['connected', 'failed'].includes(peer.connectionState), CONNECTING_MS, stopped)
    const relay = relayed() ? 'works' : 'fails'
    if (peer.connectionState !== 'connected') return nothing(servers, relay)
    return { ...(await measured(peer, stopped)), relay: haveRelay(servers) ? relay : 'absent' }
  } finally {
    peer.close()
    void quiet.close()
  }
}

/** Without discontinuous transmission (RFC 7587 section 3.1.3): silence would send hardly a packet, and nothing could be counted. */
function unhushed(sdp: string): string {
  return sdp.replace(/;?usedtx=1/g, '')
}

function nothing(servers: RTCIceServer[], relay: Finding['relay']): TriedLine {
  return { way: 'none', relay: haveRelay(servers) ? relay : 'absent', loss_percent: null, round_trip_ms: null }
}

async function measured(peer: RTCPeerConnection, stopped: AbortSignal): Promise<Omit<TriedLine, 'relay'>> {
  const before = await counted(peer)
  await until(peer, 'connectionstatechange', () => peer.connectionState === 'failed', MEASURED_MS, stopped)
  const now = await counted(peer)
  const { loss_percent, round_trip_ms } = between(before, now)
  return { way: now.by === 'relay' ? 'relay' : 'direct', loss_percent, round_trip_ms }
}

async function counted(peer: RTCPeerConnection): Promise<Counted> {
  return count(await peer.getStats())
}

/** Whether a relay answered while candidates were gathered. */
function seesRelay(peer: RTCPeerConnection): () => boolean {
  let seen = false
  peer.addEventListener('icecandidate', ({ candidate }) => (seen ||= candidate?.type === 'relay'))
  return () => seen
}

/** Wait until it is so, or for so long. Rejects when stopped. */
function until(peer: RTCPeerConnection, event: string, isSo: () => boolean, most_ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, most_ms)
    const look = () => isSo() && done()
    function done(): void {
      clearTimeout(timer)
      peer.removeEventListener(event, look)
      if (stopped.aborted) reject(stopped.reason)
      else resolve()
    }
    peer.addEventListener(event, look)
    stopped.addEventListener('abort', done, { once: true })
    look()
  })
}
