/** Who is signed in at backstage, which vouches for them to the door for a quarter of an hour and until it restarts. */

export interface Vouched {
  name: string
  handle: string
  voucher: string
  /** What they are on this stage already; empty: nothing. */
  seat: string
}

export class SignedIn {
  readonly #address: string
  #last: Vouched | null = null

  constructor(backstage: string, space: string) {
    this.#address = `${backstage.replace(/\/$/, '')}/api/v1/spaces/${space}/floor/me`
  }

  /** Ask anew; where backstage is not reached, what it said last. null for guests. */
  async look(): Promise<Vouched | null> {
    const response = await fetch(this.#address, { credentials: 'include', cache: 'no-store' }).catch(() => null)
    if (response?.ok) {
      const told = (await response.json()) as Vouched
      this.#last = told.name ? told : null
    }
    return this.#last
  }
}
