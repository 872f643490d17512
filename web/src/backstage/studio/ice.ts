/** Which of the servers that ICE is given are relays. */

/** Whether a relay (TURN, RFC 8656) is among them. */
export function haveRelay(servers: readonly RTCIceServer[]): boolean {
  return servers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)))
}
