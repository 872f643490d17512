/** The servers by which this browser finds a way to the stage, as WebRTC takes them. */

import type { Site } from '../api'

export function iceServers(site: Site): RTCIceServer[] {
  return (site.ice_servers ?? []).map((urls) => ({ urls }))
}

/** Whether a relay (TURN, RFC 8656) is among them. */
export function haveRelay(servers: readonly RTCIceServer[]): boolean {
  return servers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)))
}
