/** The servers by which this browser finds a way to the stage. Their credentials expire: asked before each try. */

import { call } from '../api'

interface Server {
  urls: string
  /** Empty for a STUN server. */
  username: string
  credential: string
}

const LONGEST_MS = 3000

/** `path` is the stage's. None when backstage does not say: most networks need none. */
export async function askServers(path: string): Promise<RTCIceServer[]> {
  try {
    const signal = AbortSignal.timeout(LONGEST_MS)
    const { ice_servers } = await call<{ ice_servers: Server[] }>('GET', `${path}/ice-servers`, undefined, { signal })
    return ice_servers.map(({ urls, username, credential }) => (username ? { urls, username, credential } : { urls }))
  } catch {
    return []
  }
}
