/** Backstage's API: its documents, and one way to call it. Errors carry the sentence that a person reads. */

export interface Site {
  name: string
  setup_needed: boolean
  door_url: string
  edge_url: string
  consent: { id: string; text: string }
  ice_servers?: string[]
}

export type Lifecycle = 'scheduled' | 'lobby' | 'live' | 'ended' | 'published' | 'cancelled'
export type Role = 'host' | 'cohost' | 'speaker'

export interface Space {
  id: string
  state: Lifecycle
  title: string
  description: string
  /** ISO 8601, with the offset of the host's zone. */
  starts_at: string
  time_zone: string
  event_url: string
  studio_url: string
  listeners: number
  /** Why it ended; empty when the host ended it. */
  ended_reason: string
}

export interface OnStage {
  speaker: string
  name: string
  role: Role
  muted: boolean
  /** They cannot undo it themselves. */
  muted_by_host: boolean
  connected: boolean
  level_dbov: number
  speaking: boolean
}

/** Who asks, and what they may do here. */
export interface Me {
  /** Null until they accepted the sentence. */
  speaker: string | null
  name: string
  role: Role
  /** As one will be on stage; once there, `speakers` is newer. */
  muted: boolean
  muted_by_host: boolean
  may: { go_live: boolean; end: boolean; mute_others: boolean }
}

export interface StageView {
  space: string
  state: Lifecycle
  title: string
  starts_at: string
  time_zone: string
  live: boolean
  /** Programme samples on the tape, 48,000 a second. */
  samples: number
  ended_reason: string
  /** Why a live space is not on air just now; empty while it is. */
  trouble: string
  event_url: string
  speakers: OnStage[]
  listeners: number
  me: Me
}

export interface Account {
  handle: string
  name: string
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** The token of a speaker's link; null for people who are signed in. */
let speakerToken: string | null = null

export function speakAs(token: string | null): void {
  speakerToken = token
}

export function headers(): Record<string, string> {
  return speakerToken ? { Authorization: `Speaker ${speakerToken}` } : {}
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** Call the API. Rejects with ApiError, whose message is a sentence. */
export async function call<T = void>(method: Method, path: string, body?: unknown, options: RequestInit = {}): Promise<T> {
  const init: RequestInit = { method, headers: headers(), ...options }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { ...headers(), 'Content-Type': 'application/json' }
  }
  const response = await fetch(`/api/v1${path}`, init).catch(() => {
    throw new ApiError(0, 'unreachable', 'Backstage cannot be reached. Check your connection; then try again.')
  })
  if (!response.ok) throw await refusal(response)
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T)
}

/** The error in an answer that is not 2xx. */
export async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null
  return new ApiError(response.status, body?.error?.code ?? 'error', body?.error?.message ?? `It did not work (HTTP ${response.status}).`)
}

/** What went wrong, as a sentence. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong.'
}
