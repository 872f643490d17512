/** What a server is told so that its pages come over HTTPS, in commands that can be typed as they stand. Pure. */

/** Stands where whoever runs the server puts the name that they get for it. */
export const ANY_NAME = 'YOUR.NAME'

const AT_HOME = /\.(?:localhost|local|lan|home|internal|test|home\.arpa)$/i

/** Whether authorities that every phone trusts give this host a certificate: it is a name that everybody can look up. */
export function isPublicName(hostname: string): boolean {
  return hostname.includes('.') && /\.[a-z][a-z0-9-]+$/i.test(hostname) && !AT_HOME.test(hostname)
}

/** Set for Rostra and for Caddy alike: the name, that Caddy alone is reached from outside, and believed. */
export function settings(name: string): string[] {
  const url = `https://${name}`
  return [
    `export ROSTRA_NAME=${name} ROSTRA_BIND=127.0.0.1 ROSTRA_TRUSTED_PROXIES='["127.0.0.1/32"]'`,
    `export ROSTRA_DOOR_URL=${url} ROSTRA_EDGE_URL=${url} ROSTRA_CONTROL_URL=${url}`,
  ]
}

/** As root, where there is no Caddy yet: Debian starts one of its own, which would hold the ports. */
export const INSTALL = 'apt-get install -y caddy && systemctl disable --now caddy'

/** One for each of two terminals. */
export const STARTS: readonly string[] = ['.venv/bin/rostra serve --data ./data', 'caddy run --config deploy/Caddyfile']

/** From Rostra's folder. */
export const GUIDE = 'docs/how-to/run-it-on-a-server.md'
