/** What this browser calls itself to hosts who block a guest: drawn once somebody asks to speak, never before. */

const NAME = 'rostra_browser'

export function browserId(): string {
  const known = new RegExp(`(?:^|; )${NAME}=([\\w-]{16,64})`).exec(document.cookie)?.[1]
  const id = known ?? draw()
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  document.cookie = `${NAME}=${id}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`
  return id
}

/** 256 random bits, safe in an address. */
export function draw(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
